import Application
import ArgumentParser
import Reporting

/// `sla-planner explain`: one decision with all its inputs and the arithmetic, in words.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Tell one decision to the last number: inputs, arithmetic, limits, and what came of it."
  )

  @Argument(help: "Number of the decision, or 'latest'.")
  var id = "latest"

  @OptionGroup var file: StateFileOptions

  /// Decisions after it among which newer traffic is looked for.
  private static let furthest = 1000

  func run() async throws {
    try await reportingFailures {
      let store = try file.open()
      let found: PastDecision
      if id == "latest" {
        guard let stored = try store.decisions(limit: 1).first else {
          throw CommandFailure(.unreadableInput, "The state file holds no decision yet.")
        }
        found = try PastDecision(stored)
      } else {
        guard let number = Int(id), number > 0 else {
          throw CommandFailure(.usage, "ID is the number of a decision or 'latest', not '\(id)'.")
        }
        guard let stored = try store.decision(id: number) else {
          throw CommandFailure(
            .usage,
            "There is no decision \(number) in the state file; 'sla-planner history' lists them.")
        }
        found = try PastDecision(stored)
        guard found.document.deployment == store.deployment else {
          throw CommandFailure(
            .usage,
            "Decision \(number) is one on \(found.document.deployment), not on \(store.deployment); name it with --deployment."
          )
        }
      }
      var next: PastDocument?
      var newerTraffic: PastDocument?
      var looked = 0
      try store.forEachDocument(after: found.printed) { decision in
        next = next ?? decision
        if DecisionStory.sawNewerTraffic(decision, than: found) { newerTraffic = decision }
        looked += 1
        return newerTraffic == nil && looked < Self.furthest
      }
      printText(DecisionStory(found, next: next, newerTraffic: newerTraffic).text)
    }
  }
}
