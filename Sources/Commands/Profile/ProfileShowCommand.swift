import Application
import ArgumentParser
import EngineProfiles
import Invocation
import Settings

/// `sla-planner profile show`: shows a profile, answers what it predicts, names what is odd about it.
struct ProfileShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show an engine profile, answer what it predicts, and check it for nonsense.",
    discussion: """
      Without --isl the profile itself is shown: its points, ranges and whatever contradicts \
      itself in it. With --isl it also answers: TTFT and prefill throughput at that ISL; with \
      --concurrency, ITL and throughput of one decode engine at the context length ISL + OSL/2; \
      with --itl, the highest measured load that stays within this latency.

      Exit codes: 0 also with warnings, 64 usage or a target that can't be meant, 65 a profile that \
      can't be read or whose units contradict each other.
      """)

  @Argument(help: "The folder with the profiling results.")
  var directory: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Input sequence length in tokens.", valueName: "tokens"))
  var isl: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Output sequence length in tokens. (default: 0)", valueName: "tokens"))
  var osl: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sequences in decode at the same time.", valueName: "number"))
  var concurrency: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Target TTFT to compare with, in milliseconds.", valueName: "ms"))
  var ttft: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Target ITL to find the best load for.", valueName: "ms"))
  var itl: Double?

  @Option(
    help: "text or json.",
    transform: { text in
      guard let format = OutputFormat(rawValue: text) else {
        throw ValidationError("--output is text or json, not '\(text)'.")
      }
      return format
    })
  var output = OutputFormat.text

  func validate() throws {
    let positive = [
      ("--isl", isl), ("--concurrency", concurrency), ("--ttft", ttft), ("--itl", itl),
    ]
    for case (let flag, let value?) in positive where !(value > 0 && value <= 1e9) {
      throw ValidationError("\(flag) is a number above 0 and at most 1e9, not \(value).")
    }
    if let osl, !(osl >= 0 && osl <= 1e9) {
      throw ValidationError("--osl is a number of at least 0 and at most 1e9, not \(osl).")
    }
    let questions = [
      ("--osl", osl), ("--concurrency", concurrency), ("--ttft", ttft), ("--itl", itl),
    ]
    if isl == nil, let flag = questions.first(where: { $0.1 != nil })?.0 {
      throw ValidationError(
        "\(flag) asks about one prompt length; name it with --isl, for example --isl 3000.")
    }
  }

  func run() async throws {
    try await reportingFailures {
      let profile = try ProfileFiles(directory: directory).profile
      let answers = isl.map { isl in
        ProfileAnswers(
          profile, isl: isl, osl: osl ?? 0, concurrency: concurrency, ttftTarget: ttft,
          itlTarget: itl)
      }
      let document = ProfileDocument(directory: directory, profile: profile, answers: answers)
      switch output {
      case .json: printJSON(try JSONText.encode(document))
      case .text: printText(ProfileText(document).text)
      }
      if let fault = profile.unitFaults.first { throw CommandFailure(.unreadableInput, fault) }
      let targets = profile.targetFaults(ttftMilliseconds: ttft, itlMilliseconds: itl)
      if let fault = targets.first { throw CommandFailure(.usage, fault) }
    }
  }
}
