import Forecasting
import TestSupport
import Testing

@testable import Planning

@Suite("Absurd numbers")
struct PlausibilityTests {
  static let names = [
    "request count", "number of arrivals", "input sequence length", "output sequence length",
    "TTFT",
    "ITL", "request duration", "number of requests in flight", "number of requests queued",
    "dispersion of arrivals",
  ]

  static func traffic(_ end: Int = 600) -> TrafficObservation {
    TrafficObservation(
      intervalEnd: end, requestCount: 600, isl: 3000, osl: 150, ttftMilliseconds: 120,
      itlMilliseconds: 15, requestDurationSeconds: 3,
      arrivals: Arrivals(count: 610, basis: .started, indexOfDispersion: 1.4),
      inFlightRequests: 30, queuedRequests: 2)
  }

  /// The traffic with `value` in place of one of ``names``.
  static func traffic(_ name: String, _ value: Double) -> TrafficObservation {
    var traffic = traffic()
    switch name {
    case "request count": traffic.requestCount = value
    case "number of arrivals": traffic.arrivals?.count = value
    case "input sequence length": traffic.isl = value
    case "output sequence length": traffic.osl = value
    case "TTFT": traffic.ttftMilliseconds = value
    case "ITL": traffic.itlMilliseconds = value
    case "request duration": traffic.requestDurationSeconds = value
    case "number of requests in flight": traffic.inFlightRequests = value
    case "number of requests queued": traffic.queuedRequests = value
    default: traffic.arrivals?.indexOfDispersion = value
    }
    return traffic
  }

  static func report(_ traffic: TrafficObservation) -> TrafficReport {
    var report = TrafficReport(readings: [.known(traffic)])
    report.intervalSeconds = 60
    return report
  }

  static func believed(
    _ traffic: TrafficObservation, after stored: [TrafficObservation] = []
  ) throws -> TrafficReport {
    let observation = Observation(time: 605, deployment: nil, traffic: report(traffic))
    let profile = try Fixture.profile("h200-llama3.1-8b-tp1")
    return try #require(
      Plausibility.believed(observation, after: stored, profile: profile).traffic)
  }

  @Test("what is ordinary is believed as it is")
  func ordinary() throws {
    let report = try Self.believed(Self.traffic(), after: [Self.traffic(540)])
    #expect(report.readings == [.known(Self.traffic())])
    #expect(report.warnings == [])
  }

  @Test(
    "of every measure are refused and named", arguments: names, [1e12, 1e308, -1, .nan, .infinity])
  func refused(_ name: String, _ value: Double) throws {
    let report = try Self.believed(Self.traffic(name, value))
    #expect(report.warnings.count == 1)
    #expect(report.warnings.first?.hasPrefix("The \(name) ") == true)
    #expect(report.warnings.first?.contains("can't be right and was refused: ") == true)
    let observation = report.readings.first?.observation
    guard name != "request count" else { return #expect(observation == nil) }
    let seen = try #require(observation)
    #expect(
      [
        seen.isl, seen.osl, seen.ttftMilliseconds, seen.itlMilliseconds,
        seen.requestDurationSeconds, seen.inFlightRequests, seen.queuedRequests,
        name == "number of arrivals" ? 1 : seen.arrivals?.indexOfDispersion,
      ].compactMap { $0 }.count == (name == "number of arrivals" ? 8 : 7))
    #expect(seen.arrivals?.count == (name == "number of arrivals" ? 600 : 610))
  }

  @Test(
    "of lengths begin where the profile and the KV cache end",
    arguments: [(20_000.0, true), (163_720, true), (163_721, false), (945_029, false)])
  func lengths(_ length: Double, _ isBelieved: Bool) throws {
    let report = try Self.believed(Self.traffic("output sequence length", length))
    #expect((report.readings.first?.observation?.osl != nil) == isBelieved)
  }

  @Test("of requests begin where connections end, and in flight is what was there and came since")
  func counts() throws {
    // 1,048,576 connections · (1 + 60 s / 3 s).
    for (count, isBelieved) in [(2e7, true), (2.3e7, false)] {
      let report = try Self.believed(Self.traffic("request count", count))
      #expect((report.readings.first?.observation != nil) == isBelieved)
    }
    for (inFlight, isBelieved) in [(1380.0, true), (1381, false)] {
      let report = try Self.believed(
        Self.traffic("number of requests in flight", inFlight), after: [Self.traffic(540)])
      let seen = report.readings.first?.observation
      #expect((seen?.inFlightRequests != nil) == isBelieved)
    }
    let gap = try Self.believed(
      Self.traffic("number of requests in flight", 1381), after: [Self.traffic(480)])
    #expect(gap.readings.first?.observation?.inFlightRequests == 1381)
  }

  @Test("of workers' gauges are refused and named, the other gauges stay")
  func gauges() throws {
    var worker = WorkerGauges(
      workerID: "7", component: .decode, activePrefillTokens: 1e12, activeDecodeBlocks: 945_030,
      lastTTFTMilliseconds: 1e12, lastISL: 1e6, lastITLMilliseconds: 12)
    var observation = Observation(
      time: 605, deployment: nil,
      workers: WorkerReport(samples: [WorkerSample(time: 605, workers: [worker, worker])]))
    let profile = try Fixture.profile("h200-llama3.1-8b-tp1")
    observation = Plausibility.believed(observation, after: [], profile: profile)
    let report = try #require(observation.workers)
    worker = WorkerGauges(workerID: "7", component: .decode, lastITLMilliseconds: 12)
    #expect(report.samples.first?.workers == [worker, worker])
    #expect(report.warnings.count == 4)
    #expect(
      report.warnings.first
        == "The active_decode_blocks of worker 7: 945030 (and 1 more) can't be right and was refused: more than the KV cache holds."
    )
  }

  @Test("cost neither prefill its share nor hours", arguments: ["20000", "1e12"])
  func afterwards(_ length: String) throws {
    let osl = try #require(Double(length))
    let planner = Planner(
      settings: PlannerSettings(
        policy: PlanningPolicy(
          mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 30),
          gpuBudget: 64, gpusPerReplica: [.prefill: 1, .decode: 1],
          throughput: ThroughputPolicy(intervalSeconds: 60, sizing: .sla(SLASizingPolicy()))),
        predictor: PredictorSettings(kind: .arima, intervalSeconds: 60)),
      profile: try Fixture.profile("h200-llama3.1-8b-tp1"))
    var state = PlannerState()
    var counts: [Component: Int] = [.prefill: 4, .decode: 4]
    var highest: [Component: Int] = [:]
    var usual: [Component: Int] = [:]
    for index in 1...60 {
      var seen = Self.traffic(600 + 60 * index)
      if index == 40 { seen.osl = osl }
      let observation = Observation(
        time: Double(605 + 60 * index), deployment: nil, traffic: Self.report(seen))
      let status = DeploymentStatus(
        components: counts.mapValues { ComponentStatus(replicas: $0, ready: $0) })
      let decided = try planner.step(observation, of: status, history: History(), state: state)
        .decided
      state = decided.state
      counts = decided.decision.components.compactMapValues { $0.final }
      if index == 39 { usual = counts }
      if index >= 40 { highest.merge(counts) { max($0, $1) } }
      #expect(counts[.prefill] ?? 0 >= usual[.prefill] ?? 0)
    }
    // 200,000 tokens a second would take 60.
    #expect(highest[.decode] ?? 0 <= (osl > 1e6 ? usual[.decode] ?? 0 : 8))
    #expect(counts == usual)
  }

  @Test("of the demand take as many replicas as there can be, never the fewest")
  func infiniteDemand() throws {
    for demand in [Double.infinity, 1e300] {
      let replicas = ReplicaSizing.replicas(
        demand: demand, throughputPerGPU: 1000, gpusPerReplica: 1, minimum: 1)
      #expect(replicas?.count == ReplicaSizing.largestCount)
      #expect(replicas?.exact.isFinite == true)
    }
    #expect(
      ReplicaSizing.replicas(
        demand: .nan, throughputPerGPU: 1000, gpusPerReplica: 1, minimum: 1) == nil)
  }
}
