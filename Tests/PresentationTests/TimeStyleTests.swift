import Testing

@testable import Presentation

@Suite("Points in time for people")
struct TimeStyleTests {
  /// An hour ahead of UTC, two from the last Sunday of March 2026 on.
  static let berlin = TimeStyle { $0 < 1_774_746_000 ? 3600 : 7200 }
  /// 2026-11-30T20:05:19Z.
  static let now = 1_796_069_119.0

  @Test("local times carry their offset, UTC ends in Z")
  func offsets() {
    #expect(TimeStyle.utc.text(Self.now) == "2026-11-30T20:05:19Z")
    #expect(TimeStyle { _ in 3600 }.text(Self.now) == "2026-11-30T21:05:19+01:00")
    #expect(TimeStyle { _ in -12_600 }.text(Self.now) == "2026-11-30T16:35:19-03:30")
    #expect(TimeStyle { _ in 3600 }.text(rfc3339: "no time") == "no time")
  }

  @Test("a time of today is a clock's, another one has its day")
  func short() {
    let style = TimeStyle { _ in 3600 }
    #expect(style.short(Self.now, now: Self.now) == "21:05")
    #expect(style.short(Self.now + 14_400, now: Self.now) == "Dec 1 01:05")
  }

  @Test(
    "what people write for a time is understood, in local time where no offset is given",
    arguments: [
      ("now", "2026-11-30T20:05:19Z"), ("today", "2026-11-29T23:00:00Z"),
      ("yesterday", "2026-11-28T23:00:00Z"), ("08:30", "2026-11-30T07:30:00Z"),
      ("2026-11-16", "2026-11-15T23:00:00Z"), ("2026-11-16T00:00Z", "2026-11-16T00:00:00Z"),
      ("2026-11-16T08:00", "2026-11-16T07:00:00Z"), ("2026-11-16 08:00:30", "2026-11-16T07:00:30Z"),
      ("2026-11-16T08:00+02:00", "2026-11-16T06:00:00Z"),
      ("2026-11-16T08:00:00.5-01:00", "2026-11-16T09:00:00.500Z"), ("3600", "1970-01-01T01:00:00Z"),
    ])
  func understood(text: String, expected: String) throws {
    let style = TimeStyle { _ in 3600 }
    let seconds = try #require(style.unixSeconds(text, now: Self.now))
    #expect(rfc3339(seconds) == expected)
  }

  @Test(
    "what is no time is none", arguments: ["", "soon", "2026-02-30", "25:00", "2026-11-16T", "T"])
  func refused(text: String) {
    #expect(TimeStyle.utc.unixSeconds(text, now: Self.now) == nil)
  }

  @Test("days begin at local midnight on both sides of a change of the clocks")
  func clockChange() throws {
    let before = try #require(Self.berlin.unixSeconds("2026-03-29", now: Self.now))
    let after = try #require(Self.berlin.unixSeconds("2026-03-30", now: Self.now))
    #expect(after - before == 23 * 3600)
  }

  @Test(
    "lengths of time in the units that people write",
    arguments: [
      ("45", 45), ("45s", 45), ("90m", 5400), ("1h", 3600), ("1h30m", 5400), ("2d", 172_800),
      ("1.5h", 5400), ("1w", 604_800),
    ])
  func lengths(text: String, expected: Double) {
    #expect(Durations.seconds(text) == expected)
  }

  @Test("what is no length is none", arguments: ["", "h", "1x", "-1", "1h30", "yesterday"])
  func noLength(text: String) { #expect(Durations.seconds(text) == nil) }

  @Test("sentences break at blanks, and a long word stays whole")
  func wrapping() {
    #expect(
      TextWrap.lines("one two three", width: 9, first: "a: ", rest: "   ") == [
        "a: one", "   two", "   three",
      ])
    #expect(TextWrap.lines("unbreakable", width: 4) == ["unbreakable"])
    #expect(TextWrap.lines("") == [""])
  }
}
