import Application
import Simulation

/// Reads the requests that `simulate` was told to take.
struct SimulateTraceFile {
  let options: SimulateTraceOptions

  /// Checks that it is said where the requests come from.
  ///
  /// - Parameter seeds: with how many seeds they are asked for.
  func checkSource(seeds: Int) throws {
    let sources = [
      options.trace != nil, options.synthetic, !options.scenarios.isEmpty,
    ].count(where: { $0 })
    if sources > 1 {
      throw CommandFailure(
        .usage, "Name a trace, give --synthetic or name a --scenario, not both.")
    }
    if sources == 0 {
      throw CommandFailure(
        .usage, "Name a file with requests, or give --synthetic or a --scenario.")
    }
    if options.trace == "-", seeds > 1 {
      throw CommandFailure(
        .usage, "Standard input can be read once; with several --seeds name a file.")
    }
    if options.scenarioHours != nil, options.scenarios.isEmpty {
      throw CommandFailure(.usage, "--scenario-hours is the length of a --scenario; name one.")
    }
  }

  /// The requests, shaped, and what was left out of the file.
  func read(
    _ traffic: SimulatedTraffic
  ) throws -> (trace: RequestTrace, skipped: TraceReader.Skipped) {
    do {
      var skipped = TraceReader.Skipped()
      var shaping = try shaping()
      let trace: RequestTrace
      if case .scenario(let scenario) = traffic.source {
        trace = try made(scenario, seed: traffic.seed)
        // Its rates were multiplied already: copies of requests would not be a Poisson process.
        shaping.scale = 1
      } else if let path = options.trace {
        (trace, skipped) = try TraceFile.read(
          path, format: try format(),
          rules: TraceRules(
            skipsBadLines: options.skipBadLines, sorts: options.sort, timeUnit: try timeUnit()))
      } else {
        trace = try synthetic().trace(seed: traffic.seed)
      }
      return (try shaping.apply(to: trace, seed: traffic.seed), skipped)
    } catch let error as TraceError {
      throw CommandFailure(.unreadableInput, "\(error)")
    }
  }

  private func timeUnit() throws -> TraceTimeUnit? {
    try options.timeUnit.map { text in
      guard let unit = TraceTimeUnit(rawValue: text) else {
        throw CommandFailure(.usage, "--time-unit is s, ms, us or ns, not '\(text)'.")
      }
      return unit
    }
  }

  private func made(_ scenario: Scenario, seed: UInt64) throws -> RequestTrace {
    if let hours = options.scenarioHours {
      try check("--scenario-hours", hours, in: 0.01...100_000)
    }
    return try scenario.trace(
      seed: seed, scale: options.scale, seconds: options.scenarioHours.map { $0 * 3600 })
  }

  private func format() throws -> TraceFormat? {
    switch options.format {
    case "auto": return nil
    case "mooncake": return .mooncake
    case "azure": return .azure
    case "csv":
      return .csv(
        TraceColumns(
          time: options.timeColumn, isl: options.islColumn, osl: options.oslColumn,
          unit: try timeUnit() ?? .seconds))
    default:
      throw CommandFailure(
        .usage, "--format is auto, mooncake, azure or csv, not '\(options.format)'.")
    }
  }

  private func shaping() throws -> TraceShaping {
    try check("--from", options.from, in: 0...TraceShaping.longestTrace)
    try check("--scale", options.scale, in: 1e-6...1e6)
    if let until = options.until, !(until > options.from) {
      throw CommandFailure(.usage, "--until has to come after --from.")
    }
    guard options.repetitions >= 1 else {
      throw CommandFailure(.usage, "--repeat is at least 1, not \(options.repetitions).")
    }
    let isFile = options.trace != nil
    let jitter = options.jitter ?? (options.scale > 1 && isFile ? 15 : 0)
    try check("--jitter", jitter, in: 0...86_400)
    return TraceShaping(
      from: options.from, until: options.until, repetitions: options.repetitions,
      scale: options.scale, jitterSeconds: jitter)
  }

  private func synthetic() throws -> SyntheticTraffic {
    try check("--synthetic-hours", options.syntheticHours, in: 1e-3...100_000)
    try check("--synthetic-rate", options.syntheticRate, in: 1e-6...1e6)
    try check("--synthetic-trough", options.syntheticTrough, in: 0...1)
    try check("--synthetic-bursts", options.syntheticBursts, in: 0...1000)
    try check("--synthetic-isl", options.syntheticIsl, in: 1...1e6)
    try check("--synthetic-osl", options.syntheticOsl, in: 1...1e6)
    return SyntheticTraffic(
      seconds: options.syntheticHours * 3600, peakRate: options.syntheticRate,
      troughShare: options.syntheticTrough, burstsPerHour: options.syntheticBursts,
      meanISL: options.syntheticIsl, meanOSL: options.syntheticOsl)
  }

  private func check(_ flag: String, _ value: Double, in range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw CommandFailure(
        .usage, "\(flag) is a number from \(range.lowerBound) to \(range.upperBound), not \(value)."
      )
    }
  }
}
