import Application
import ArgumentParser
import Invocation
import Reporting
import Settings
import StateStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Which decisions of which state file a command is about.
struct StateFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The state file (default: $SLA_PLANNER_STATE or state/planner.sqlite).", valueName: "file"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "The deployment as the state file names it (NAME will do for NAMESPACE/NAME); not needed while there is only one.",
      valueName: "name"))
  var deployment: String?

  /// The store of the one deployment that is meant. Reading takes no lease and changes nothing.
  ///
  /// - Parameter namespace: a Dynamo namespace, which in the virtual environment is the deployment's
  ///   name; counts where several deployments leave it open which is meant.
  func open(namespace: String? = nil) throws -> SQLiteStateStore {
    let given = try GivenSettings(
      flags: state.map { ["state": $0] } ?? [:],
      environment: ProcessInfo.processInfo.environment)
    let path = try given.text(of: StateSettings.file) ?? ""
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandFailure(
        .unreadableInput,
        "There is no state file '\(path)'. Name one with --state; the first run makes it.")
    }
    let settings = StateFileSettings(path: path)
    let names = try SQLiteStateStore(settings, deployment: "-").deployments()
    return SQLiteStateStore(settings, deployment: try meant(among: names, in: path, namespace))
  }

  /// The one deployment of `names` that is meant.
  private func meant(
    among names: [String], in path: String, _ namespace: String?
  ) throws -> String {
    guard !names.isEmpty else { return deployment ?? "-" }
    if let deployment, names.contains(deployment) { return deployment }
    let matching = names.filter { name in deployment.map { name.hasSuffix("/\($0)") } ?? true }
    if matching.count == 1 { return matching[0] }
    if let namespace, matching.contains(namespace) { return namespace }
    if let deployment, matching.isEmpty {
      throw CommandFailure(
        .usage,
        "The state file '\(path)' knows no deployment '\(deployment)'; it knows \(names.joined(separator: ", "))."
      )
    }
    throw CommandFailure(
      .usage,
      "The state file '\(path)' holds several deployments (\(matching.joined(separator: ", "))); name one with --deployment."
    )
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
