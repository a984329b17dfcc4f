import ArgumentParser
import Glibc
import Invocation
import Planning
import Settings
import Simulation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `sla-planner simulate`: replays a request trace against a modelled cluster, with the planner or
/// a baseline deciding.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract:
      "Replay a request trace against a modelled cluster and see what a policy makes of it.",
    discussion: """
      The cluster's engines work as the profile of --profile-results-dir says. The planner decides \
      with the code and the flags of 'run', on the metrics that the cluster would have shown. What \
      the model leaves out is said in docs/design/simulator.md.

      Exit codes: 0 simulated, 64 usage, 65 unreadable trace or profile, 78 configuration.
      """)

  @OptionGroup(title: "Traffic") var traffic: SimulateTraceOptions
  @OptionGroup(title: "Cluster") var cluster: SimulateClusterOptions
  @OptionGroup(title: "Policies and output") var result: SimulateOutputOptions
  @OptionGroup(title: OptionTable.common.title) var common: CommonOptions
  @OptionGroup(title: OptionTable.throughput.title) var throughput: ThroughputOptions
  @OptionGroup(title: OptionTable.sizing.title) var sizing: SizingOptions
  @OptionGroup(title: OptionTable.load.title) var load: LoadOptions
  @OptionGroup(title: OptionTable.damping.title) var damping: DampingOptions

  func run() async throws {
    try await reportingFailures {
      do {
        try await simulate()
      } catch let error as SimulationError {
        if case .profileMissing = error { throw CommandFailure(.unreadableInput, "\(error)") }
        throw CommandFailure(.usage, "\(error)")
      }
    }
  }

  private func simulate() async throws {
    guard ["text", "json"].contains(result.output) else {
      throw CommandFailure(.usage, "--output is text or json, not '\(result.output)'.")
    }
    if let jobs = result.jobs, jobs < 1 {
      throw CommandFailure(.usage, "--jobs is at least 1, not \(jobs).")
    }
    if let every = result.every, !(1...86_400).contains(every) {
      throw CommandFailure(.usage, "--every is a number of seconds from 1 to 86400, not \(every).")
    }
    let source = SimulateTraceFile(options: traffic, seed: cluster.seed)
    try source.checkSource()
    let flags = plannerFlags
    let base = try baseSettings(flags)
    let specs = try policySpecs(base)
    let profile = try ProfileFiles(
      directory: base.entries.first { $0.name == "profile-results-dir" }?.value ?? "",
      mode: .disagg, remedy: "Name the folder with --profile-results-dir."
    ).profile
    let (trace, skipped) = try source.read()
    for line in skipped.examples { printError("Skipped: \(line)") }

    let interval = result.reportInterval ?? base.throughput?.intervalSeconds ?? 180
    let settings = SimulationSettings(
      cluster: try clusterSettings(
        base,
        estimate: ReplicaEstimate.initialReplicas(
          for: trace, seconds: Double(interval), profile: profile, targets: base.targets,
          mode: base.mode, gpusPerReplica: base.gpusPerReplica)),
      targets: base.targets, reportSeconds: interval, warmUpSeconds: result.warmUp)
    let run = try SimulationRun(trace: trace, profile: profile, settings: settings)
    var policies = SimulatePolicies(
      run: run, profile: profile, flags: flags, every: result.every)
    if result.report != nil, specs.count == 1, specs[0].kind == .planner {
      let interval = try policies.policy(specs[0], plan: nil).trafficIntervalSeconds
      policies.log = SimulatedPlannerLog(run, interval: interval)
    }
    let comparison = try await SimulateRuns(
      run: run, policies: policies,
      jobs: result.jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      drawsFrontier: result.frontier
    ).results(specs)
    try SimulateOutput(
      run: run, traffic: traffic.name, comparison: comparison, planner: policies.log?.data,
      skippedLines: skipped.count,
      longestProfiledISL: profile.prefill?.islRange.upperBound ?? .infinity
    ).write(result)
  }

  private var plannerFlags: [String: String] {
    var flags: [String: String] = [:]
    let given = [
      common.given, throughput.given, sizing.given, load.given, damping.given,
    ].joined()
    for flag in given {
      if let text = flag.text { flags[flag.option.name] = text }
    }
    flags["config"] = result.config
    return flags
  }

  /// The settings that all policies share; which scaling is on is a matter of each policy, and agg
  /// has no other than by load.
  private func baseSettings(_ flags: [String: String]) throws -> RunSettings {
    var flags = flags
    if flags["mode"] == DeploymentMode.agg.rawValue {
      flags["enable-throughput-scaling"] = "false"
      flags["enable-loadbased-scaling"] = "true"
    }
    return try SimulatePolicies.resolve(flags)
  }

  private func policySpecs(_ base: RunSettings) throws -> [SimulatePolicySpec] {
    var texts = result.compare ? SimulatePolicies.standard(mode: base.mode) : []
    texts += result.policies.filter { !texts.contains($0) }
    if texts.isEmpty { texts = [base.mode == .agg ? "planner:modes=load" : "planner"] }
    if result.frontier, !texts.contains("oracle") { texts.append("oracle") }
    return try texts.map { try SimulatePolicySpec($0) }
  }

  private func clusterSettings(
    _ base: RunSettings, estimate: [Component: Int]
  ) throws -> ClusterSettings {
    guard let routing = RoutingRule(rawValue: cluster.router) else {
      throw CommandFailure(
        .usage,
        "--router is \(RoutingRule.allCases.map(\.rawValue).joined(separator: ", ")), not '\(cluster.router)'."
      )
    }
    return ClusterSettings(
      mode: base.mode, initialReplicas: try initialReplicas(base.mode) ?? estimate,
      gpusPerReplica: base.gpusPerReplica, startUpSeconds: cluster.workerStartup,
      startFailureShare: cluster.startFailures, routing: routing,
      maximumSequences: cluster.maxNumSeqs, blockSize: cluster.blockSize, seed: cluster.seed)
  }

  private func initialReplicas(_ mode: DeploymentMode) throws -> [Component: Int]? {
    guard let text = cluster.initial else { return nil }
    let counts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let components: [Component] = mode == .agg ? [.decode] : [.prefill, .decode]
    guard counts.count == components.count, counts.allSatisfy({ $0.map { $0 >= 1 } ?? false })
    else {
      throw CommandFailure(
        .usage,
        "--initial is \(mode == .agg ? "a count" : "two counts, PREFILL,DECODE,") of at least 1, not '\(text)'."
      )
    }
    return Dictionary(
      uniqueKeysWithValues: zip(components, counts.compactMap { $0 }))
  }
}
