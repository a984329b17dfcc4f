import Application
import ArgumentParser
import EngineProfiles
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
  @OptionGroup(title: CommonSettings.title) var common: SectionFlags<CommonSettings>
  @OptionGroup(title: ThroughputSettings.title) var throughput: SectionFlags<ThroughputSettings>
  @OptionGroup(title: SizingSettings.title) var sizing: SectionFlags<SizingSettings>
  @OptionGroup(title: LoadSettings.title) var load: SectionFlags<LoadSettings>
  @OptionGroup(title: DampingSettings.title) var damping: SectionFlags<DampingSettings>

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
    try checkOutput()
    let all = try SimulatedTraffic.all(traffic, seed: cluster.seed, seeds: cluster.seeds)
    try SimulateTraceFile(options: traffic).checkSource(seeds: all.count)
    let flags = plannerFlags
    let base = try baseSettings(flags)
    let laboratory = try SimulationLaboratory(
      traffic: traffic, result: result, base: base, flags: flags, specs: policySpecs(base),
      cluster: SimulatedCluster(
        options: cluster, base: base,
        profile: profile(
          base.entries.first { $0.name == "profile-results-dir" }?.value ?? "",
          remedy: "Name the folder with --profile-results-dir.")),
      plantProfile: cluster.plantProfile.map {
        try profile($0, remedy: "Name the folder with --plant-profile.")
      })
    let jobs = result.jobs ?? ProcessInfo.processInfo.activeProcessorCount
    if all.count == 1, cluster.seeds == nil {
      try await laboratory.simulate(all[0], jobs: jobs)
    } else {
      try await laboratory.study(all, jobs: jobs)
    }
  }

  private func checkOutput() throws {
    guard ["text", "json"].contains(result.output) else {
      throw CommandFailure(.usage, "--output is text or json, not '\(result.output)'.")
    }
    if let jobs = result.jobs, jobs < 1 {
      throw CommandFailure(.usage, "--jobs is at least 1, not \(jobs).")
    }
    if let every = result.every, !(1...86_400).contains(every) {
      throw CommandFailure(.usage, "--every is a number of seconds from 1 to 86400, not \(every).")
    }
  }

  private func profile(_ folder: String, remedy: String) throws -> EngineProfile {
    try ProfileFiles(directory: folder, mode: .disagg, remedy: remedy).profile
  }

  private var plannerFlags: [String: String] {
    var flags = [common.layer, throughput.layer, sizing.layer, load.layer, damping.layer]
      .reduce(into: [:]) { all, section in all.merge(section) { given, _ in given } }
    flags["config"] = result.config
    return flags
  }

  /// The settings that all policies share; which scaling is on is a matter of each policy.
  private func baseSettings(_ flags: [String: String]) throws -> RunSettings {
    try SimulatePolicies.resolve(flags)
  }

  private func policySpecs(_ base: RunSettings) throws -> [SimulatePolicySpec] {
    var texts = result.compare ? SimulatePolicies.standard(mode: base.mode) : []
    texts += (result.policies + (try SimulateSweep.policies(result.sweeps)))
      .filter { !texts.contains($0) }
    if texts.isEmpty { texts = ["planner"] }
    if result.drawsFrontier, !texts.contains("oracle") { texts.append("oracle") }
    return try texts.map { try SimulatePolicySpec($0) }
  }
}
