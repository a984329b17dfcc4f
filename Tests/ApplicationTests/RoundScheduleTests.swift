import Settings
import Testing

@testable import Application

@Suite("The rounds of a repeated run")
struct RoundScheduleTests {
  /// When rounds begin that take `seconds` each.
  private func starts(_ schedule: RoundSchedule, taking seconds: Double) -> [Double] {
    var starts = [0.0]
    while let last = starts.last,
      let next = schedule.nextStart(after: last, endedAt: last + seconds)
    {
      starts.append(next)
    }
    return starts
  }

  @Test("begin every interval, and the last one ends in time")
  func spread() {
    let schedule = RoundSchedule(totalSeconds: 55, intervalSeconds: 5, roundSeconds: 5)
    #expect(starts(schedule, taking: 0.1) == Array(stride(from: 0.0, through: 50, by: 5)))
    // Samples spread over the interval and the rest of the round together take longer than it.
    let slow = starts(schedule, taking: 5.25)
    #expect(slow.count == 10)
    #expect(slow.last == 47.25)
  }

  @Test("begin as long as there is time when they don't wait themselves")
  func quick() {
    let schedule = RoundSchedule(totalSeconds: 10, intervalSeconds: 5, roundSeconds: 0)
    #expect(starts(schedule, taking: 0.1) == [0, 5, 10])
  }

  @Test("a round that takes longer than all the time is the only one")
  func late() {
    let schedule = RoundSchedule(totalSeconds: 10, intervalSeconds: 5, roundSeconds: 5)
    #expect(starts(schedule, taking: 30) == [0])
  }

  @Test("follow from the settings, and there is one only without --repeat-for")
  func settings() throws {
    func schedule(_ more: [String: String]) throws -> RoundSchedule? {
      let flags = [
        "environment": "virtual", "enable-loadbased-scaling": "true",
        "loadbased-router-metrics-url": "http://r",
      ].merging(more) { $1 }
      return RoundSchedule(
        try RunSettings.resolve(flags: flags, environment: [:], file: nil).settings)
    }
    #expect(try schedule([:]) == nil)
    #expect(
      try schedule(["repeat-for": "55s"])
        == RoundSchedule(totalSeconds: 55, intervalSeconds: 5, roundSeconds: 5))
    #expect(
      try schedule(["repeat-for": "55", "loadbased-metric-samples": "1"])
        == RoundSchedule(totalSeconds: 55, intervalSeconds: 5, roundSeconds: 0))
  }
}
