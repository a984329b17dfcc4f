import Application
import EngineProfiles
import Invocation
import Planning
import Settings
import Simulation

/// Simulates the traffic that the command line asks for and prints what came of it.
struct SimulationLaboratory: Sendable {
  let traffic: SimulateTraceOptions
  let result: SimulateOutputOptions
  let base: RunSettings
  /// The planner's flags.
  let flags: [String: String]
  let specs: [SimulatePolicySpec]
  let cluster: SimulatedCluster
  /// What the engines really do; nil for what the planner believes.
  let plantProfile: EngineProfile?

  /// Share of the requests that are to be within both targets.
  private var askedShare: Double {
    if case .sla(let sla) = base.sizing { return sla.quantile }
    return SLASizingPolicy().quantile
  }

  /// One simulation, with everything that can be told of it.
  func simulate(_ one: SimulatedTraffic, jobs: Int) async throws {
    let (run, skipped) = try run(one)
    for line in skipped.examples { printError("Skipped: \(line)") }
    var policies = policies(of: run)
    if result.report != nil, specs.count == 1, specs[0].kind == .planner {
      let interval = try policies.policy(specs[0], plan: nil).trafficIntervalSeconds
      policies.log = SimulatedPlannerLog(run, interval: interval)
    }
    let comparison = try await comparison(run, policies, jobs: jobs)
    try SimulateOutput(
      run: run, traffic: one.name, comparison: comparison, planner: policies.log?.data,
      skippedLines: skipped.count,
      longestProfiledISL: (plantProfile ?? cluster.profile).prefill?.islRange.upperBound
        ?? .infinity,
      askedShare: askedShare
    ).write(result)
  }

  /// Several simulations, of which the means and spreads are told.
  func study(_ all: [SimulatedTraffic], jobs: Int) async throws {
    for (flag, value) in [
      ("--plot", result.plot), ("--report", result.report), ("--timeline", result.timeline),
    ] where value != nil {
      throw CommandFailure(
        .usage, "\(flag) shows one simulation; leave it out, or name one scenario and no --seeds.")
    }
    let cases = try await concurrently(all, jobs: jobs) { one in
      let (run, skipped) = try run(one)
      let comparison = try await comparison(run, policies(of: run), jobs: 1)
      return SimulationStudy.Case(
        traffic: one.name, seed: one.seed,
        report: SimulationReport(
          trace: run.trace, skippedLines: skipped.count, settings: run.settings,
          comparison: comparison))
    }
    let study = SimulationStudy(cases)
    if result.output == "json" {
      printJSON(try JSONText.encode(study))
    } else {
      printText(study.text)
    }
  }

  private func run(
    _ one: SimulatedTraffic
  ) throws -> (SimulationRun, TraceReader.Skipped) {
    let (trace, skipped) = try SimulateTraceFile(options: traffic).read(one)
    let interval = result.reportInterval ?? base.throughput?.intervalSeconds ?? 180
    let settings = SimulationSettings(
      cluster: try cluster.settings(for: trace, of: one, seconds: interval),
      targets: base.targets, reportSeconds: interval, warmUpSeconds: result.warmUp,
      scrapeSeconds: cluster.options.scrapeInterval,
      metricsLatenessSeconds: cluster.options.metricsLateness)
    return (
      try SimulationRun(
        trace: trace, profile: plantProfile ?? cluster.profile, settings: settings), skipped
    )
  }

  private func policies(of run: SimulationRun) -> SimulatePolicies {
    SimulatePolicies(run: run, profile: cluster.profile, flags: flags, every: result.every)
  }

  private func comparison(
    _ run: SimulationRun, _ policies: SimulatePolicies, jobs: Int
  ) async throws -> PolicyComparison {
    try await SimulateRuns(
      run: run, policies: policies, jobs: jobs, drawsFrontier: result.drawsFrontier
    ).results(specs)
  }
}
