import Application
import ArgumentParser
import Invocation
import Logging
import Reporting
import Settings
import StateStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Which decisions of which state file a command is about. What is not given by flag comes from the
/// environment and the configuration file, as for `run`, so that a command can stand in the place of
/// `run` wherever that works.
struct StateFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The state file (default: as for 'run', else state/planner.sqlite).", valueName: "file"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "The deployment as the state file names it (NAME will do for NAMESPACE/NAME); not needed while there is only one.",
      valueName: "name"))
  var deployment: String?

  @Option(help: ArgumentHelp("The configuration file of 'run'.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Least severity logged on stderr.", valueName: "level"))
  var logLevel: String?

  @Option(help: ArgumentHelp("How the log is written: text or json.", valueName: "format"))
  var logFormat: String?

  /// What was given by these flags, the environment and the configuration file.
  ///
  /// - Parameter flags: other options of `run` that the command takes.
  func given(_ flags: [String: String?] = [:]) throws -> GivenSettings {
    let all = flags.merging(
      ["state": state, "config": config, "log-level": logLevel, "log-format": logFormat]
    ) { $1 }
    return try GivenSettings.reading(flags: all.compactMapValues { $0 })
  }

  /// The store of the one deployment that is meant. Reading takes no lease and changes nothing.
  func open(_ flags: [String: String?] = [:]) throws -> SQLiteStateStore {
    try DeploymentStore(given: given(flags), deployment: deployment).open()
  }
}

/// Finds the state of the one deployment that a command is about.
struct DeploymentStore {
  /// What was given.
  let given: GivenSettings
  /// The deployment's name as a flag says; nil to take the only one, or that of the settings.
  var deployment: String?

  /// The logger that the settings ask for.
  var logger: Logger {
    get throws {
      let log = try given.read(LogSettings.self)
      return StandardErrorLog.logger(level: log.level, format: log.format)
    }
  }

  /// Unix seconds that count as now: `--now`, else the clock's.
  var now: Double {
    get throws { try given.number(of: OutputSettings.moment) ?? SystemClock().now() }
  }

  /// The store.
  ///
  /// - Throws: ``CommandFailure`` when there is no file, or it is open which deployment is meant.
  func open() throws -> SQLiteStateStore {
    let logger = try logger
    for warning in given.warnings { logger.warning("\(warning)") }
    let settings = StateFileSettings(try given.read(StateSettings.self))
    guard FileManager.default.fileExists(atPath: settings.path) else {
      throw CommandFailure(
        .unreadableInput,
        "There is no state file '\(settings.path)'. Name one with --state; the first run makes it.")
    }
    let names = try SQLiteStateStore(settings, deployment: "-").deployments()
    return SQLiteStateStore(settings, deployment: try meant(among: names, in: settings.path))
  }

  /// The one deployment of `names` that is meant.
  private func meant(among names: [String], in path: String) throws -> String {
    guard !names.isEmpty else { return deployment ?? configured ?? "-" }
    if let deployment, names.contains(deployment) { return deployment }
    let matching = names.filter { name in deployment.map { name.hasSuffix("/\($0)") } ?? true }
    if matching.count == 1 { return matching[0] }
    if let deployment, matching.isEmpty {
      throw CommandFailure(
        .usage,
        "The state file '\(path)' knows no deployment '\(deployment)'; it knows \(names.joined(separator: ", "))."
      )
    }
    let asConfigured = matching.filter { $0 == configured || $0.hasSuffix("/\(configured ?? "")") }
    if asConfigured.count == 1 { return asConfigured[0] }
    throw CommandFailure(
      .usage,
      "The state file '\(path)' holds several deployments (\(matching.joined(separator: ", "))); name one with --deployment."
    )
  }

  /// What the settings call the deployment: in kubernetes its name, elsewhere the Dynamo namespace.
  private var configured: String? {
    guard let common = try? given.read(CommonSettings.self) else { return nil }
    return common.environment == .virtual ? common.dynamoNamespace : common.deploymentName
  }
}

extension SQLiteStateStore {
  /// Hands over what was printed of the decisions that came after one, oldest first (the first of
  /// each later moment), until `visit` says stop. Each costs one look into the index.
  func forEachDocument(
    after decision: PastDocument, _ visit: (PastDocument) throws -> Bool
  ) throws {
    var time = decision.time
    // Several may have been made as of the same moment.
    for summary in try decisionSummaries(since: time, until: time.nextUp)
    where summary.id > decision.id {
      guard try visit(PastDocument(summary)) else { return }
    }
    while let next = try sampledDecisions(since: time.nextUp, until: 1e12, parts: 1).first {
      guard try visit(PastDocument(next)) else { return }
      time = next.time
    }
  }

  /// Hands over the decisions with `since` ≤ time < `until`, newest first and a page at a time,
  /// until `visit` says stop. Costs nothing for what lies outside.
  func forEachSummary(
    since: Double?, until: Double?, changesOnly: Bool, _ visit: (DecisionSummary) -> Bool
  ) throws {
    let since = since ?? -.greatestFiniteMagnitude
    var until = until ?? .greatestFiniteMagnitude
    while since < until {
      let page = try timeOfDecision(fromEnd: 500, until: until, changesOnly: changesOnly)
      let start = max(since, page ?? since)
      let found = try decisionSummaries(since: start, until: until, changesOnly: changesOnly)
      for summary in found.reversed() where !visit(summary) { return }
      until = start
    }
  }
}

extension PastDocument {
  /// Decodes a summary.
  init(_ summary: DecisionSummary) throws(PastDecisionError) {
    try self.init(
      id: summary.id, time: summary.time, status: summary.status, isChange: summary.isChange,
      document: summary.document, error: summary.error)
  }
}
