import Application
import EngineProfiles
import Planning
import Settings
import Simulation

/// Makes the cluster that some traffic runs on of what the command line says.
struct SimulatedCluster {
  let options: SimulateClusterOptions
  let base: RunSettings
  /// What the planner believes of the engines.
  let profile: EngineProfile

  /// The settings of a cluster.
  ///
  /// - Parameters:
  ///   - trace: the traffic; tells how many workers a person would begin with.
  ///   - traffic: where it comes from; a scenario's workers may be peculiar.
  ///   - seconds: length of a reported interval.
  func settings(
    for trace: RequestTrace, of traffic: SimulatedTraffic, seconds: Int
  ) throws -> ClusterSettings {
    guard let routing = RoutingRule(rawValue: options.router) else {
      throw CommandFailure(
        .usage,
        "--router is \(RoutingRule.allCases.map(\.rawValue).joined(separator: ", ")), not '\(options.router)'."
      )
    }
    let plant = traffic.plant
    let slowdown = try slowdown()
    return ClusterSettings(
      mode: base.mode,
      initialReplicas: try initialReplicas()
        ?? ReplicaEstimate.initialReplicas(
          for: trace, seconds: Double(seconds), profile: profile, targets: base.targets,
          mode: base.mode, gpusPerReplica: base.gpusPerReplica),
      gpusPerReplica: base.gpusPerReplica, startUp: try startUp(plant),
      startFailureShare: max(options.startFailures, plant.startFailureShare),
      neverStartShare: max(options.neverStart, plant.neverStartShare),
      prefillSlowdown: slowdown.prefill * plant.slowdown,
      decodeSlowdown: slowdown.decode * plant.slowdown, routing: routing,
      maximumSequences: options.maxNumSeqs, blockSize: options.blockSize,
      prefixCacheBlocks: max(0, options.prefixCache), seed: traffic.seed)
  }

  private func initialReplicas() throws -> [Component: Int]? {
    guard let text = options.initial else { return nil }
    let counts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let components: [Component] = base.mode == .agg ? [.decode] : [.prefill, .decode]
    guard counts.count == components.count, counts.allSatisfy({ $0.map { $0 >= 1 } ?? false })
    else {
      throw CommandFailure(
        .usage,
        "--initial is \(base.mode == .agg ? "a count" : "two counts, PREFILL,DECODE,") of at least 1, not '\(text)'."
      )
    }
    return Dictionary(
      uniqueKeysWithValues: zip(components, counts.compactMap { $0 }))
  }

  /// The start-up time; a scenario that spreads it takes the one that was given for the median.
  private func startUp(_ plant: Scenario.Plant) throws -> StartUpTime {
    let given = try Self.startUp(options.workerStartup)
    if case .fixed(let seconds) = given, plant.startUpDeviation > 0 {
      return .logNormal(median: seconds, deviation: plant.startUpDeviation)
    }
    return given
  }

  /// Reads `60`, `lognormal:90,0.4` or `uniform:30,120`.
  static func startUp(_ text: String) throws -> StartUpTime {
    if let seconds = Double(text) { return .fixed(seconds) }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let numbers = (parts.last ?? "").split(separator: ",", omittingEmptySubsequences: false)
      .compactMap { Double($0) }
    switch (parts.first, numbers.count, parts.count) {
    case ("lognormal", 2, 2): return .logNormal(median: numbers[0], deviation: numbers[1])
    case ("uniform", 2, 2) where numbers[0] <= numbers[1]: return .uniform(numbers[0], numbers[1])
    default:
      throw CommandFailure(
        .usage,
        "--worker-startup, the start-up time, is a number of seconds, lognormal:MEDIAN,SIGMA or uniform:LOW,HIGH, not '\(text)'."
      )
    }
  }

  /// Reads `1.25` or `prefill=1.25,decode=1.1`.
  private func slowdown() throws -> (prefill: Double, decode: Double) {
    guard let text = options.engineSlowdown else { return (1, 1) }
    if let factor = Double(text) { return (factor, factor) }
    var factors = ["prefill": 1.0, "decode": 1.0]
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard halves.count == 2, factors[halves[0]] != nil, let factor = Double(halves[1]) else {
        throw CommandFailure(
          .usage,
          "--engine-slowdown is a factor like 1.25, or prefill=FACTOR,decode=FACTOR, not '\(text)'."
        )
      }
      factors[halves[0]] = factor
    }
    return (factors["prefill"] ?? 1, factors["decode"] ?? 1)
  }
}
