import Application
import ArgumentParser
import Invocation
import Reporting
import Settings

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
      let (report, settings) =
        recordings.isEmpty ? try await auditState(allowance) : try await auditRecordings(allowance)
      try write(report, settings)
      if !report.passes { throw ExitCode(CommandFailure.Code.change.rawValue) }
    }
  }

  private func auditState(
    _ allowance: AuditAllowance
  ) async throws -> (AuditReport, RunSettings) {
    let settings = try settingsToDecideWith()
    var file = StateFileOptions()
    file.state = settings.state.path
    file.deployment = flagLayer["deployment"]
    let profile = try settings.throughput.map {
      try ProfileFiles(directory: $0.profileDirectory, mode: settings.mode).profile
    }
    let auditor = Auditor(policy: settings.policy(), profile: profile, allowance: allowance)
    let store = try file.open(namespace: flagLayer["namespace"])
    var cases: [AuditCase] = []
    var before: Int?
    while limit == 0 || cases.count < limit {
      let most = limit == 0 ? 500 : min(500, limit - cases.count)
      let page = try store.decisions(limit: most, before: before)
      guard let last = page.last?.id else { break }
      before = last
      cases += try await concurrently(page, jobs: ProcessInfo.processInfo.activeProcessorCount) {
        auditor.audit($0)
      }
    }
    guard !cases.isEmpty else {
      throw CommandFailure(
        .unreadableInput,
        "The state file '\(settings.state.path)' holds no decision that could be audited.")
    }
    return (AuditReport(cases: cases.reversed()), settings)
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
  ) async throws -> (AuditReport, RunSettings) {
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
    return (AuditReport(cases: cases), settings)
  }

  private func write(_ report: AuditReport, _ settings: RunSettings) throws {
    if let junit { try OutputFile(kind: "JUnit file", path: junit).write(report.junit) }
    settings.output == .json ? printJSON(try report.json()) : printText(report.text)
    if ProcessInfo.processInfo.environment["GITHUB_ACTIONS"] == "true" {
      for line in report.gitHubAnnotations { printError(line) }
    }
  }
}
