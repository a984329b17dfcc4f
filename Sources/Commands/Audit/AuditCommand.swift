import Application
import ArgumentParser
import Invocation
import Planning
import Reporting
import Settings
import StateStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `sla-planner audit`: decides recorded moments again with today's configuration.
struct AuditCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "For CI: decide recorded moments again with today's configuration and fail on a difference.",
    discussion: """
      Without RECORDING, every decision of the state file (--state, the newest --limit) is decided \
      again on what was observed and remembered then. With folders that --record made, each is \
      replayed with today's settings. Forecasts and corrections of a state file's decisions are the \
      recorded ones.

      Exit codes: 0 nothing differs that may not, 2 something does, else as for 'run'. With \
      GITHUB_ACTIONS set, each difference is also an annotation.

      Examples:
        sla-planner audit --config planner.yaml
        sla-planner audit --as-recorded --with max-gpu-budget=12 --state planner.sqlite
      """)

  @Argument(help: "Folders that --record made; none for the decisions of the state file.")
  var recordings: [String] = []

  @Option(
    help: ArgumentHelp(
      "A difference that may be: replicas=N or reason. Can be repeated.", valueName: "rule"))
  var allow: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The newest decisions to audit, 0 for all.", valueName: "number"))
  var limit = 1000

  @Flag(help: "Decide with the recorded settings instead of today's: only --with differs.")
  var asRecorded = false

  @Option(
    help: ArgumentHelp(
      "With --as-recorded: a setting that differs, as max-gpu-budget=12. Can be repeated.",
      valueName: "name=value"))
  var with: [String] = []

  @Option(help: ArgumentHelp("Also write JUnit XML to this file.", valueName: "file"))
  var junit: String?

  @OptionGroup(title: CommonSettings.title) var common: SectionFlags<CommonSettings>
  @OptionGroup(title: ThroughputSettings.title) var throughput: SectionFlags<ThroughputSettings>
  @OptionGroup(title: SizingSettings.title) var sizing: SectionFlags<SizingSettings>
  @OptionGroup(title: LoadSettings.title) var load: SectionFlags<LoadSettings>
  @OptionGroup(title: DampingSettings.title) var damping: SectionFlags<DampingSettings>
  @OptionGroup(title: StateSettings.title) var state: SectionFlags<StateSettings>
  @OptionGroup(title: SourceSettings.title) var sources: SectionFlags<SourceSettings>
  @OptionGroup(title: ConnectorSettings.title) var connectors: SectionFlags<ConnectorSettings>
  @OptionGroup(title: OutputSettings.title) var output: SectionFlags<OutputSettings>

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit is at least 0, not \(limit).") }
  }

  func run() async throws {
    try await reportingFailures {
      let allowance: AuditAllowance
      do throws(AuditError) {
        allowance = try AuditAllowance(allow)
      } catch {
        throw CommandFailure(.usage, "\(error)")
      }
      guard limit >= 0 else { throw CommandFailure(.usage, "--limit is at least 0, not \(limit).") }
      if !with.isEmpty, !asRecorded {
        throw CommandFailure(
          .usage, "--with says what differs from what was recorded: it needs --as-recorded.")
      }
      if asRecorded, !recordings.isEmpty {
        throw CommandFailure(
          .usage, "--as-recorded is for a state file; a recording has its settings with it.")
      }
      let (report, format) =
        recordings.isEmpty ? try await auditState(allowance) : try await auditRecordings(allowance)
      try write(report, format)
      if !report.passes { throw ExitCode(CommandFailure.Code.change.rawValue) }
    }
  }

  private func auditState(
    _ allowance: AuditAllowance
  ) async throws -> (AuditReport, OutputFormat) {
    let given = try GivenSettings.reading(flags: flagLayer.filter { $0.key != "deployment" })
    let store = try DeploymentStore(given: given, deployment: flagLayer["deployment"]).open()
    let newest = try store.decisions(limit: 1).first.map { try PastDecision($0) }?
      .record.input.policy
    if asRecorded {
      let whatIf = try WhatIf(given: given, texts: with)
      let differences = try newest.map { try whatIf.policy($0).differences } ?? []
      let memory = PolicyMemory()
      let auditor = Auditor(
        profile: try newest.flatMap { try whatIf.profile($0) }, allowance: allowance
      ) { recorded in
        try memory.policy(recorded) { try whatIf.policy($0).policy }
      }
      return (
        AuditReport(
          cases: try await cases(store, auditor), settings: differences.map { .init($0) }),
        try given.read(OutputSettings.self).output
      )
    }
    let settings = try settingsToDecideWith()
    let policy = settings.policy()
    let profile = try ProfileFiles(settings)?.profile
    let auditor = Auditor(policy: policy, profile: profile, allowance: allowance)
    let differences = newest.map { recorded in
      RecordedPolicy(settings.policy(gpusPerReplica: recorded.gpusPerReplica))
        .differences(from: RecordedPolicy(recorded))
    }
    return (
      AuditReport(
        cases: try await cases(store, auditor), settings: differences?.map { .init($0) }),
      settings.output
    )
  }

  /// The newest decisions of the state file, decided again, oldest first.
  private func cases(_ store: SQLiteStateStore, _ auditor: Auditor) async throws -> [AuditCase] {
    var cases: [AuditCase] = []
    var before: Int?
    let count = try store.decisionExtent().count
    let progress = Progress(
      "audited", of: limit == 0 ? count : min(limit, count), isShown: Terminal.showsProgress)
    defer { progress.finish() }
    while limit == 0 || cases.count < limit {
      let most = limit == 0 ? 500 : min(500, limit - cases.count)
      let page = try store.decisions(limit: most, before: before)
      guard let last = page.last?.id else { break }
      before = last
      cases += try await concurrently(
        page, jobs: ProcessInfo.processInfo.activeProcessorCount, progress: progress
      ) {
        auditor.audit($0)
      }
    }
    guard !cases.isEmpty else {
      throw CommandFailure(
        .unreadableInput, "The state file holds no decision of '\(store.deployment)' to audit.")
    }
    return cases.reversed()
  }

  /// Today's settings. Where the deployment and the router's page are doesn't matter to a decision,
  /// and CI may not know.
  private func settingsToDecideWith() throws -> RunSettings {
    let anywhere = [
      "deployment": "audited", "loadbased-router-metrics-url": "http://audited/metrics",
    ]
    return try RunInput(flagLayer.merging(anywhere) { given, _ in given }).settings
  }

  private func auditRecordings(
    _ allowance: AuditAllowance
  ) async throws -> (AuditReport, OutputFormat) {
    var cases: [AuditCase] = []
    var settings: RunSettings?
    for path in recordings {
      let was = try RecordingFolder(path).readDecision()
      var flags = flagLayer
      flags["replay"] = path
      let input = try RunInput(flags)
      defer { input.replayedState?.discard() }
      settings = input.settings
      let logger = StandardErrorLog.logger(input.settings)
      let wiring = try Wiring(input, logger: logger)
      do {
        let now = try await Invocation(
          settings: wiring.invocationSettings, profile: wiring.profile, ports: wiring.ports,
          logger: logger
        ).run()
        cases.append(AuditCase(name: path, was: was, now: now, allowance: allowance))
      } catch {
        cases.append(AuditCase(name: path, was: was, failure: "\(error)"))
      }
    }
    guard let settings else { throw CommandFailure(.usage, "Name a recording.") }
    return (AuditReport(cases: cases), settings.output)
  }

  private func write(_ report: AuditReport, _ output: OutputFormat) throws {
    if let junit { try OutputFile(kind: "JUnit file", path: junit).write(report.junit) }
    output == .json ? printJSON(try report.json()) : printText(report.text)
    if ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true" {
      for line in report.gitHubAnnotations { printError(line) }
    }
  }
}

extension WhatIfText.Setting {
  /// A difference as the reports show it.
  init(_ difference: SettingDifference) {
    self.init(difference.option, was: difference.was, now: difference.now)
  }
}
