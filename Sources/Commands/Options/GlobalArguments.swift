import Application
import Settings

/// The arguments that count for every command, taken out of the command line before the rest is
/// parsed: `-q`, `-v`, `--color`, `--help-all`.
struct GlobalArguments: Equatable {
  /// When text is coloured.
  enum Colour: String, CaseIterable {
    case auto, always, never
  }

  /// What is left for the command.
  private(set) var rest: [String] = []
  /// Whether only errors and the answer itself are written.
  private(set) var isQuiet = false
  /// Whether to tell everything.
  private(set) var isVerbose = false
  /// When text is coloured.
  private(set) var colour = Colour.auto

  /// Commands that have no log, and so nothing to set the level of.
  private static let withoutLog = ["forecast", "profile", "simulate", "help"]

  /// Reads the arguments after the program's name.
  ///
  /// - Throws: ``CommandFailure`` for `--color` with another word.
  init(_ arguments: some Sequence<String>) throws {
    var left = Array(arguments)[...]
    while let argument = left.popFirst() {
      switch argument {
      case "-q", "--quiet": isQuiet = true
      case "-v", "--verbose": isVerbose = true
      case "--help-all": rest.append("--help-hidden")
      case "--color", "--colour": try setColour(left.popFirst() ?? "")
      case "--":
        rest.append(argument)
        rest += left
        left = []
      default:
        if let value = Self.value(of: argument, "--color=") ?? Self.value(of: argument, "--colour=")
        {
          try setColour(value)
        } else {
          rest.append(argument)
        }
      }
    }
    guard isQuiet || isVerbose, let command = rest.first, !Self.withoutLog.contains(command),
      !rest.contains(where: { $0.hasPrefix("--log-level") })
    else { return }
    rest.append("--log-level=\(isVerbose ? "debug" : "error")")
  }

  private static func value(of argument: String, _ prefix: String) -> String? {
    argument.hasPrefix(prefix) ? String(argument.dropFirst(prefix.count)) : nil
  }

  private mutating func setColour(_ text: String) throws {
    guard let colour = Colour(rawValue: text) else {
      throw CommandFailure(.usage, "--color is auto, always or never, not '\(text)'.")
    }
    self.colour = colour
  }
}

/// What somebody may have meant who wrote no command's name.
enum MisspeltCommand {
  /// The failure to tell of where `arguments` begin with a word that is no command; nil where they
  /// begin with one, or with a flag.
  static func failure(_ arguments: [String], among names: [String]) -> CommandFailure? {
    guard let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) else {
      return nil
    }
    let nearest = NearestName.find(word, among: names)
      .flatMap { NearestName.distance($0, word) <= max(2, $0.count / 2) ? $0 : nil }
    return CommandFailure(
      .usage,
      "There is no command '\(word)'\(nearest.map { "; did you mean '\($0)'?" } ?? ".") 'sla-planner --help' lists them."
    )
  }
}
