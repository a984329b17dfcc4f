import Forecasting
import Foundation
import Planning
import Testing

@testable import Invocation

@Suite("Planning for arrivals")
struct DemandTests {
  /// 900 requests completed, 1200 arrived.
  private static func observation(_ arrivals: Arrivals?) -> TrafficObservation {
    TrafficObservation(
      intervalEnd: 600, requestCount: 900, isl: 3000, osl: 150, ttftMilliseconds: 150,
      itlMilliseconds: 18, requestDurationSeconds: 3, arrivals: arrivals, inFlightRequests: 310,
      queuedRequests: 290,
      spread: TrafficSpread(
        ttftMilliseconds: BucketCounts(
          upperBounds: [0, 200, 500], counts: [0, 600, 300, 0], sum: 135_000)))
  }

  private func learned(_ sizing: SizingRule, _ arrivals: Arrivals?) -> Double? {
    var settings = Given.settings()
    settings.planner.policy.throughput?.sizing = sizing
    return Planner(settings: settings.planner, profile: nil)
      .rebuilt(PlannerState(), on: History(intervals: [Self.observation(arrivals)]))
      .predictors?.forecast()?.requestCount
  }

  @Test("forecasts what arrives where sizing holds the targets, else what was completed")
  func forecast() {
    let arrivals = Arrivals(count: 1200, basis: .started)
    #expect(learned(.sla(SLASizingPolicy()), arrivals) == 1200)
    #expect(learned(.capacity, arrivals) == 900)
    #expect(learned(.sla(SLASizingPolicy()), nil) == 900)
  }

  /// The prefill calibration after an interval in which no more was kept than planned for.
  private func calibrated(gpusOfFlags: Int, gpusOfDeployment: Int?) throws -> Double {
    var settings = Given.settings()
    settings.planner.policy.throughput?.sizing = .sla(SLASizingPolicy())
    settings.planner.policy.gpusPerReplica[.prefill] = gpusOfFlags
    var state = PlannerState()
    state.decision.plan = ThroughputPlan(intervalEnd: 540, replicas: [.prefill: 4, .decode: 4])
    state.sizing.bySLA.ready = [.prefill: 4, .decode: 4]
    let status = DeploymentStatus(
      components: [
        .prefill: ComponentStatus(replicas: 4, ready: 4, gpusPerReplica: gpusOfDeployment),
        .decode: ComponentStatus(replicas: 4, ready: 4),
      ])
    let arrivals = Arrivals(count: 3000, basis: .started)
    return Planner(settings: settings.planner, profile: try Given.profile()).learn(
      Observation(
        time: 610, deployment: status,
        traffic: TrafficReport(readings: [.known(Self.observation(arrivals))])),
      history: History(), state: state
    ).state.sizing.bySLA.slowdown.prefill
  }

  @Test("what a deployment states of its GPUs counts before the flags, also for learning")
  func gpusOfDeployment() throws {
    let known = try calibrated(gpusOfFlags: 4, gpusOfDeployment: nil)
    #expect(try calibrated(gpusOfFlags: 1, gpusOfDeployment: 4) == known)
    #expect(try calibrated(gpusOfFlags: 1, gpusOfDeployment: nil) != known)
  }

  private func document(_ observation: TrafficObservation) throws -> String {
    let settings = Given.settings()
    let input = DecisionInput(
      time: 610, policy: settings.planner.policy,
      deployment: DeploymentPosition(
        counts: [
          .prefill: .init(current: 1, asked: 1, ready: 1),
          .decode: .init(current: 1, asked: 1, ready: 1),
        ]),
      traffic: TrafficInput(newest: .known(observation), forecast: nil))
    let decision = try Planner.decide(input, profile: Given.profile()).decision
    return try JSONText.encode(DecisionDocument(decision, id: 1, deployment: "d"))
  }

  @Test("the document tells arrivals, what waits, and the share of requests within the target")
  func document() throws {
    let document = try document(Self.observation(Arrivals(count: 1200, basis: .started)))
    for part in [
      #""arrivals":1200,"arrivals_basis":"started""#, #""in_flight":310"#, #""queued":290"#,
      #""ttft_share":0.66"#,
    ] {
      #expect(document.contains(part), "\(document)")
    }
    #expect(!document.contains("itl_share"))
  }

  @Test("the document has no such keys where nothing is known of them")
  func plainDocument() throws {
    let document = try document(
      TrafficObservation(intervalEnd: 600, requestCount: 900, isl: 3000, osl: 150))
    for key in ["arrivals", "in_flight", "queued", "share"] {
      #expect(!document.contains(key), "\(document)")
    }
  }

  /// Level traffic in every interval, and four times as much in the steps after the newest.
  private struct Surge: TrafficSource {
    func readTraffic(_ window: TrafficWindow, modelName: String?) -> TrafficReport {
      TrafficReport(readings: window.intervalEnds.map { .known(observation($0, 1200)) })
    }

    func readSteps(_ window: StepWindow, modelName: String?) -> StepReport {
      let ends = stride(
        from: window.after + 15, through: Int(window.until) / 15 * 15, by: 15)
      return StepReport(
        steps: ends.map { TrafficStep(observation($0, $0 > 6060 ? 400 : 100), seconds: 15) })
    }

    private func observation(_ end: Int, _ requests: Double) -> TrafficObservation {
      TrafficObservation(
        intervalEnd: end, requestCount: requests, isl: 3000, osl: 150,
        arrivals: Arrivals(count: requests, basis: .started), inFlightRequests: 12,
        queuedRequests: 2)
    }
  }

  @Test("a surge in the middle of an interval is answered before the interval is over")
  func surge() async throws {
    var settings = Given.settings()
    settings.planner = PlannerSettings(
      policy: settings.planner.policy, predictor: settings.planner.predictor)
    settings.planner.policy.throughput = ThroughputPolicy(
      intervalSeconds: 180, sizing: .sla(SLASizingPolicy()))
    settings.planner.predictor.intervalSeconds = 180
    let store = MemoryStore()
    let connector = ScriptedConnector([.prefill: 2, .decode: 2])
    var wanted: [Int] = []
    for time in [5950.0, 6000, 6060, 6090, 6110] {
      let document = try await Given.run(
        settings, at: time, store: store, traffic: Surge(), connector: connector)
      wanted.append(try #require(document.components[.prefill]?.desired))
    }
    #expect(wanted[0] == wanted[2], "no step of the surge is over yet")
    #expect(wanted[3] > wanted[2], "two steps of it are")
    #expect(store.content.withLock { $0.observations.last?.observation.intervalEnd } == 5940)
  }
}
