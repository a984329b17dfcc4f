import Application
import ArgumentParser
import EngineProfiles
import Invocation
import Planning
import StateStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `sla-planner profile learn`: writes what the state file knows of the engines as a profile.
struct ProfileLearnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Show what was learned of the engines, and write it as a profile.",
    discussion: """
      Shows what was believed beforehand, what was seen, and the parameters that follow, each with its \
      uncertainty. With --write the files of a profile are made of them, prefill_raw_data.json and \
      decode_raw_data.json, which --profile-results-dir and the Dynamo planner read.

      Exit codes: 0, 64 usage, 65 a state file without anything learned.
      """)

  @OptionGroup var file: StateFileOptions

  @Option(
    help: ArgumentHelp("Write the profile's two JSON files into this folder.", valueName: "folder"))
  var write: String?

  @Option(
    help: ArgumentHelp("GPUs of one replica, for throughput per GPU.", valueName: "GPUs"))
  var gpus = 1

  func validate() throws {
    guard (1...10_000).contains(gpus) else {
      throw ValidationError("--gpus is a whole number from 1 to 10000, not \(gpus).")
    }
  }

  func run() async throws {
    try await reportingFailures {
      guard let stored = try file.open().look(now: 0, leaseSeconds: 0),
        let learning = try PlannerState(stored).sizing.bySLA.engine, learning.count > 0
      else {
        throw CommandFailure(
          .unreadableInput,
          "The state file knows nothing of the engines yet: 'run' learns them with --sizing sla, from traffic whose lengths and latencies are known."
        )
      }
      printText(LearnedEngineText(learning).text)
      if let write { try Self.write(learning, to: write, gpus: gpus) }
    }
  }

  private static func write(_ learning: EngineLearning, to folder: String, gpus: Int) throws {
    let files = LearnedProfileFiles(
      try EngineProfile(
        learning.parameters, maximumKVTokens: learning.prior.maximumKVTokens,
        longestPrompt: learning.prior.maximumKVTokens, prefillGPUs: gpus, decodeGPUs: gpus))
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (name, text) in files.named {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
    } catch {
      throw CommandFailure(
        .unreadableInput, "The profile can't be written to '\(folder)': \(error).")
    }
    printText("Written to \(folder): \(files.named.map(\.name).joined(separator: ", "))")
  }
}
