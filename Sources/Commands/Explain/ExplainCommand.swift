import Application
import ArgumentParser
import Invocation
import Planning
import Presentation
import Reporting
import Settings
import StateStore

/// `sla-planner explain`: one decision with all its inputs and the arithmetic, in words.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Tell one decision to the last number: inputs, arithmetic, limits, and what came of it.",
    usage: "sla-planner explain [<id>] [<options>]",
    discussion: """
      With --with, the same moment is decided again: the recorded settings count, and only what is \
      named differs. Nothing is written.

      Examples:
        sla-planner explain
        sla-planner explain 42
        sla-planner explain 42 --with max-gpu-budget=12 --with ttft=300
      """)

  @Argument(help: "Number of the decision, or 'latest'.")
  var id = "latest"

  @Option(
    help: ArgumentHelp(
      "A setting that differs: max-gpu-budget=12, ttft=300, … Can be repeated.",
      valueName: "name=value"))
  var with: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --with: the engine's profile (default: as for 'run').", valueName: "folder"))
  var profileResultsDir: String?

  @OptionGroup var file: StateFileOptions

  @Option(help: "text or json.")
  var output: OutputFormat?

  /// Decisions after it among which newer traffic is looked for.
  private static let furthest = 1000

  func run() async throws {
    try await reportingFailures {
      let given = try file.given([
        "profile-results-dir": profileResultsDir, "output": output?.rawValue,
      ])
      let store = try DeploymentStore(given: given, deployment: file.deployment).open()
      let found = try decision(store)
      guard with.isEmpty else {
        return try tell(WhatIf(given: given, texts: with).decide(found))
      }
      output == .json
        ? printJSON(try JSONText.encode(found.document)) : printText(try story(found, store).text)
    }
  }

  private func tell(_ text: WhatIfText) throws {
    output == .json ? printJSON(try WhatIfDocument(text).json()) : printText(text.text)
  }

  private func decision(_ store: SQLiteStateStore) throws -> PastDecision {
    guard id != "latest" else {
      guard let stored = try store.decisions(limit: 1).first else {
        throw CommandFailure(.unreadableInput, "The state file holds no decision yet.")
      }
      return try PastDecision(stored)
    }
    guard let number = Int(id), number > 0 else {
      throw CommandFailure(.usage, "ID is the number of a decision or 'latest', not '\(id)'.")
    }
    guard let stored = try store.decision(id: number) else {
      throw CommandFailure(
        .usage,
        "There is no decision \(number) in the state file; 'sla-planner history' lists them.")
    }
    let found = try PastDecision(stored)
    guard found.document.deployment == store.deployment else {
      throw CommandFailure(
        .usage,
        "Decision \(number) is one on \(found.document.deployment), not on \(store.deployment); name it with --deployment."
      )
    }
    return found
  }

  private func story(_ found: PastDecision, _ store: SQLiteStateStore) throws -> DecisionStory {
    var next: PastDocument?
    var newerTraffic: PastDocument?
    var looked = 0
    try store.forEachDocument(after: found.printed) { decision in
      next = next ?? decision
      if DecisionStory.sawNewerTraffic(decision, than: found) { newerTraffic = decision }
      looked += 1
      return newerTraffic == nil && looked < Self.furthest
    }
    return DecisionStory(found, next: next, newerTraffic: newerTraffic, times: .local)
  }
}
