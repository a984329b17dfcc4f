import Forecasting
import Testing

@testable import Planning

@Suite("Traffic whose newest samples are late")
struct LateTrafficTests {
  private func planner(settle: Double = 0) -> Planner {
    Planner(
      settings: PlannerSettings(
        policy: PlanningPolicy(
          mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 50),
          gpusPerReplica: [.prefill: 1, .decode: 1],
          throughput: ThroughputPolicy(intervalSeconds: 60)),
        predictor: PredictorSettings(kind: .constant, intervalSeconds: 60), settleSeconds: settle),
      profile: nil)
  }

  private func observation(_ end: Int) -> TrafficObservation {
    TrafficObservation(intervalEnd: end, requestCount: Double(end), isl: 100, osl: 10)
  }

  private func late(_ known: [Int] = []) -> TrafficReport {
    var report = TrafficReport(
      readings: known.map { .known(observation($0)) }
        + [.unknown(intervalEnd: 600, reason: "late")])
    report.lateSeconds = 45
    report.intervalSeconds = 60
    return report
  }

  private func learn(_ report: TrafficReport, stored: [Int] = []) -> LearnedMoment {
    planner().learn(
      Observation(time: 605, deployment: nil, traffic: report),
      history: History(intervals: stored.map(observation)), state: PlannerState())
  }

  @Test(
    "an interval counts as ended once it has settled",
    arguments: [(0.0, 600), (5, 600), (6, 540)])
  func settling(_ settle: Double, _ end: Int) {
    let window = planner(settle: settle).missingWindow(PlannerState(), at: 605)
    #expect(window?.lastIntervalEnd == end)
  }

  @Test("the newest complete interval is decided on, as just read or as remembered")
  func newestComplete() {
    #expect(learn(late([540])).newest == .known(observation(540)))
    #expect(learn(late(), stored: [480, 540]).newest == .known(observation(540)))
    #expect(learn(late(), stored: [480]).newest == .known(observation(480)))
  }

  @Test("a complete interval that is too old is not, nor one before an interval unknown for good")
  func tooOld() {
    let unknown = TrafficReading.unknown(intervalEnd: 600, reason: "late")
    #expect(learn(late(), stored: [420]).newest == unknown)
    #expect(learn(late()).newest == unknown)
    var gap = late([540])
    gap.lateSeconds = nil
    #expect(learn(gap).newest == unknown)
  }

  @Test("what is planned for is the time after now, not after the newest complete interval")
  func forecastFromNow() throws {
    let settings = PlannerSettings(
      policy: planner().settings.policy,
      predictor: PredictorSettings(kind: .kalman, intervalSeconds: 60))
    let planner = Planner(settings: settings, profile: nil)
    // 60 requests more in each interval.
    let seen = (1...40).map { observation(540 - 60 * (40 - $0) + 2400) }
    func forecast(_ report: TrafficReport, at time: Double) throws -> Double {
      let moment = planner.learn(
        Observation(time: time, deployment: nil, traffic: report), history: History(),
        state: PlannerState())
      return try #require(planner.forecast(moment).forecast).requestCount
    }
    let onTime = TrafficReport(readings: seen.map { .known($0) })
    var delayed = onTime
    delayed.readings.append(.unknown(intervalEnd: 3000, reason: "late"))
    delayed.lateSeconds = 45
    delayed.intervalSeconds = 60
    let early = try forecast(onTime, at: 2945)
    let late = try forecast(delayed, at: 3005)
    #expect(abs(early - 3000) < 15)
    #expect(abs(late - 3060) < 15)
  }

  @Test("it is asked for again until it is known")
  func askedAgain() {
    let moment = learn(late([540]))
    #expect(moment.newTraffic.map(\.intervalEnd) == [540])
    #expect(planner().missingWindow(moment.state, at: 665)?.intervalEnds == [600, 660])
  }

  @Test("a stale backlog is taken out of what is decided on, and said")
  func staleBacklog() {
    func hung(_ end: Int) -> TrafficObservation {
      var observation = TrafficObservation(intervalEnd: end, requestCount: 0)
      observation.inFlightRequests = 7
      observation.queuedRequests = 7
      return observation
    }
    let moment = planner().learn(
      Observation(
        time: 605, deployment: nil, traffic: TrafficReport(readings: [.known(hung(600))])),
      history: History(intervals: [hung(480), hung(540)]), state: PlannerState())
    #expect(moment.newest?.observation?.inFlightRequests == 0)
    #expect(moment.newest?.observation?.queuedRequests == 0)
    #expect(moment.observation.traffic?.warnings.count == 1)
  }
}
