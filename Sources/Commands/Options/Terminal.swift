import Application
import Glibc

/// What may be written to a terminal, and to anything else only when it is asked for.
enum Terminal {
  /// The colours that text has.
  enum Colour: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// How the process was called; set once, before any command runs.
  nonisolated(unsafe) static var global: GlobalArguments?

  /// `text` in a colour, where standard output shows colours.
  static func coloured(_ text: String, _ colour: Colour) -> String {
    showsColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// `text` with the lines coloured that begin with one of `words`.
  static func coloured(_ text: String, linesBeginning words: [String: Colour]) -> String {
    guard showsColour else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let word = words.keys.first { line.hasPrefix($0) }
      return word.flatMap { words[$0] }.map { coloured(String(line), $0) } ?? String(line)
    }.joined(separator: "\n")
  }

  /// Whether standard output shows colours: as `--color` says, else on a terminal without
  /// `NO_COLOR` (no-color.org).
  static var showsColour: Bool {
    switch global?.colour ?? .auto {
    case .always: true
    case .never: false
    case .auto:
      isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { String(cString: $0) } ?? "").isEmpty
        && getenv("TERM").map { String(cString: $0) } != "dumb"
    }
  }

  /// Whether standard error shows progress.
  static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 && global?.isQuiet != true }
}
