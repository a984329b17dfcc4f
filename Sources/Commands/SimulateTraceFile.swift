import Simulation

/// Reads the requests that `simulate` was told to take.
struct SimulateTraceFile {
  let options: SimulateTraceOptions
  let seed: UInt64

  /// Checks that it is said where the requests come from.
  func checkSource() throws {
    switch (options.trace, options.synthetic) {
    case (.some, true):
      throw CommandFailure(.usage, "Name a trace or give --synthetic, not both.")
    case (nil, false):
      throw CommandFailure(.usage, "Name a file with requests, or give --synthetic.")
    case (.some, false), (nil, true): return
    }
  }

  /// The requests, shaped, and what was left out of the file.
  func read() throws -> (trace: RequestTrace, skipped: TraceReader.Skipped) {
    do {
      var skipped = TraceReader.Skipped()
      let trace: RequestTrace
      if let path = options.trace {
        (trace, skipped) = try TraceFile.read(
          path, format: try format(),
          rules: TraceRules(
            skipsBadLines: options.skipBadLines, sorts: options.sort, timeUnit: try timeUnit()))
      } else {
        trace = try synthetic().trace(seed: seed)
      }
      return (try shaping().apply(to: trace, seed: seed), skipped)
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
    let jitter = options.jitter ?? (options.scale > 1 && !options.synthetic ? 15 : 0)
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
