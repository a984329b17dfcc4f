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

  @Test("go on without end, an interval apart, when there is no time to use up")
  func endless() {
    let schedule = RoundSchedule(totalSeconds: .infinity, intervalSeconds: 5, roundSeconds: 5)
    #expect(schedule.isEndless)
    #expect(schedule.nextStart(after: 1e7, endedAt: 1e7 + 5.1) == 1e7 + 5.1)
    #expect(schedule.nextStart(after: 1e7, endedAt: 1e7 + 0.1) == 1e7 + 5)
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
    #expect(
      try schedule(["repeat-for": "forever", "repeat-every": "30"])
        == RoundSchedule(totalSeconds: .infinity, intervalSeconds: 30, roundSeconds: 5))
  }

  @Test("without load-based scaling begin once a minute, or once an interval that is shorter")
  func throughputOnly() throws {
    func schedule(_ more: [String: String]) throws -> RoundSchedule? {
      let flags = ["environment": "virtual", "repeat-for": "forever"].merging(more) { $1 }
      return RoundSchedule(
        try RunSettings.resolve(flags: flags, environment: [:], file: nil).settings)
    }
    #expect(
      try schedule([:])
        == RoundSchedule(totalSeconds: .infinity, intervalSeconds: 60, roundSeconds: 0))
    #expect(
      try schedule(["adjustment-interval": "20"])
        == RoundSchedule(totalSeconds: .infinity, intervalSeconds: 20, roundSeconds: 0))
  }
}
