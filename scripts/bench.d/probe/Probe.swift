import EngineProfiles
import Forecasting
import Glibc
import Invocation
import MetricSources
import Planning
import StateStore

/// Times parts of the planner inside one process, for `scripts/bench`: what a whole invocation
/// can't show because its start takes longer.
///
///     probe parse FILE RUNS
///     probe state FILE DEPLOYMENT NOW RETENTION_DAYS RUNS
///     probe arima FILE RUNS | probe update FILE START | probe prophet FILE INTERVAL_SECONDS RUNS
///     probe sizing PROFILE_FOLDER RUNS
///
/// Prints the seconds of each run, one a line: parse, or load and save.
@main
struct Probe {
  static func main() throws {
    let arguments = CommandLine.arguments
    switch (arguments.dropFirst().first, arguments.count) {
    case ("parse", 4):
      try parse(readFile(arguments[2]), runs: Int(arguments[3]) ?? 1)
    case ("state", 7):
      let days = Int(arguments[5]) ?? 0
      let settings = StateFileSettings(
        path: arguments[2], decisionRetentionDays: days, observationRetentionDays: 400)
      try state(
        settings, deployment: arguments[3], now: Double(arguments[4]) ?? 0,
        runs: Int(arguments[6]) ?? 1)
    case ("arima", 4), ("update", 4), ("prophet", 5):
      try PredictorProbe(arguments)?.run()
    case ("sizing", 4):
      try sizing(profile: arguments[2], runs: Int(arguments[3]) ?? 1)
    default:
      exit(64)
    }
  }

  private static func parse(_ page: [UInt8], runs: Int) throws {
    for _ in 0..<runs {
      let (seconds, found) = try timed { try RouterPage.parse(page) }
      print(seconds, found.series.count)
    }
  }

  /// What an invocation does with the state: opens the file and takes the lease, saves what was
  /// learned with a pending decision, settles the decision, closes the file. What it writes is what
  /// the file's newest decision and its memory hold.
  private static func state(
    _ settings: StateFileSettings, deployment: String, now: Double, runs: Int
  ) throws {
    let newest = SQLiteStateStore(settings, deployment: deployment)
    guard let model = try newest.decisions(limit: 1).first,
      let traffic = try newest.observations(intervalSeconds: 180, limit: 1).first
    else { exit(65) }
    try newest.close()
    for run in 1...runs {
      let time = now + Double(run) * 180
      let store = SQLiteStateStore(settings, deployment: deployment)
      let (load, memory) = try timed {
        try store.begin(owner: "probe", now: time, leaseSeconds: 60)
      }
      var observation = traffic
      observation.observation.intervalEnd += run * 180
      var decision = model
      (decision.time, decision.status) = (time, "pending")
      let step = LearnedStep(
        observations: [observation], memory: memory.parts, decision: decision, now: time)
      let (save, _) = try timed {
        guard let id = try store.save(step) else { return }
        try store.settleAndEnd(
          decision: id, status: "applied", document: decision.document, error: nil, memory: [:],
          owner: "probe")
        try store.close()
      }
      print(load, save)
    }
  }

  /// Sizes both components for a traffic that wants some two hundred replicas, lengths from full
  /// histograms, with a backlog.
  private static func sizing(profile folder: String, runs: Int) throws {
    let profile = try EngineProfile(
      prefillFile: .init(name: "p.json", bytes: readFile(folder + "/prefill_raw_data.json")),
      decodeFile: .init(name: "d.json", bytes: readFile(folder + "/decode_raw_data.json")))
    let headroom = DemandHeadroom(factor: 1.2, share: 0.95, intervals: 200)
    let sizing = SLASizing(
      policy: PlanningPolicy(
        mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 1000, itlMilliseconds: 20),
        gpusPerReplica: [.prefill: 1, .decode: 1]),
      sla: SLASizingPolicy(quantile: 0.99), intervalSeconds: 60,
      headroom: [.prefill: headroom, .decode: headroom])
    let counts = [0, 10, 30, 80, 200, 500, 900, 700, 300, 90, 40, 20, 10.0]
    let lengths = BucketCounts(
      upperBounds: [
        0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000,
      ], counts: counts)
    for run in 0..<runs {
      let requests = 60 * (400 + Double(run % 100))
      let observed = TrafficObservation(
        intervalEnd: 60, requestCount: requests, inFlightRequests: 9000, queuedRequests: 2000,
        spread: TrafficSpread(isl: lengths, osl: lengths))
      let (seconds, sizings) = try timed {
        try sizing.size(
          TrafficForecast(predictor: .constant, requestCount: requests, isl: 4000, osl: 300),
          newest: observed, indexOfDispersion: 2, profile: profile)
      }
      print(seconds, sizings.values.reduce(0) { $0 + $1.replicas })
    }
  }

  private static func timed<Value>(_ body: () throws -> Value) rethrows -> (Double, Value) {
    let start = ContinuousClock.now
    let value = try body()
    return ((ContinuousClock.now - start) / .seconds(1), value)
  }

  private static func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { exit(66) }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let size = ftell(file)
    rewind(file)
    var bytes = [UInt8](repeating: 0, count: size)
    guard fread(&bytes, 1, size, file) == size else { exit(66) }
    return bytes
  }
}
