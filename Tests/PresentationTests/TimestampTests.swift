import Foundation
import Presentation
import Testing

@Suite("Timestamps")
struct TimestampTests {
  @Test(
    "moments are written as RFC 3339",
    arguments: [
      (0.0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (1_795_466_941.25, "2026-11-23T20:49:01.250Z"), (-1, "1969-12-31T23:59:59Z"),
      (4_107_542_399, "2100-02-28T23:59:59Z"), (.nan, "invalid"), (.infinity, "invalid"),
      (1e300, "invalid"),
    ])
  func written(_ seconds: Double, _ text: String) {
    #expect(rfc3339(seconds) == text)
  }

  @Test("moments agree with Foundation over three centuries")
  func foundation() {
    let formatter = ISO8601DateFormatter()
    for seconds in stride(from: -2_000_000_000, through: 7_000_000_000, by: 86_399 * 37) {
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(rfc3339(Double(seconds)) == expected)
    }
  }

  @Test("days are counted as the calendar does")
  func calendar() throws {
    for text in ["1970-01-01", "2000-02-29", "2026-03-02", "1999-12-31", "2100-03-01"] {
      let seconds = try #require(Instant.rfc3339("\(text)T23:59:58.5Z"))
      #expect(rfc3339(seconds) == "\(text)T23:59:58.500Z")
    }
    for text in ["", "2026-03-02", "2026-13-02T00:00:00Z", "2026-03-02T00:00:00", "xTyZ"] {
      #expect(Instant.rfc3339(text) == nil)
    }
  }

  @Test("days before 1970 and before the year 0 are counted alike in both directions")
  func bothDirections() {
    for days in stride(from: -1_000_000, through: 2_900_000, by: 997) {
      let day = CivilDay(daysSinceEpoch: days)
      #expect(day.daysSinceEpoch == days && day.isReal)
    }
  }

  @Test(
    "microseconds are cut off, never rounded up into the next second",
    arguments: [
      (1_795_466_941.25, "2026-11-23T20:49:01.250000Z"), (0, "1970-01-01T00:00:00.000000Z"),
      (0.999_999_9, "1970-01-01T00:00:00.999999Z"), (.nan, "invalid"),
    ])
  func microseconds(seconds: Double, text: String) {
    #expect(rfc3339Microseconds(seconds) == text)
  }
}
