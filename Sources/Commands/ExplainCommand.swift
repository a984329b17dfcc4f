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
      }
      var next: PastDecision?
      try store.forEachDecision { decision in
        guard decision.id > found.id else { return false }
        next = decision
        return true
      }
      print(DecisionStory(found, next: next).text)
    }
  }
}
