/// Why a trace can't be used.
public enum TraceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no request in it.
  case empty(skippedLines: Int, example: String? = nil)
  /// A line can't be used.
  case line(Int, LineFault)
  /// The format can't be told from the first line.
  case unknownFormat(firstLine: String)
  /// The file is in an encoding that is not read; which, and what to do.
  case foreignEncoding(String)
  /// The trace is one JSON array instead of one object a line.
  case jsonArray
  /// The time stamps can hardly be in the unit that the format has: requests a second and seconds in
  /// all if they were, and in the unit that they probably are in.
  case implausibleUnit(
    TraceTimeUnit, rate: Double, seconds: Double, probably: TraceTimeUnit)
  /// The header lacks a column.
  case noColumn(String, columns: [String])
  /// The gzip stream ends too early; `line` is the last complete line.
  case gzipCutOff(line: Int)
  /// The gzip stream is damaged; `line` is the last complete line.
  case gzipDamaged(line: Int, reason: String)
  /// A line is longer than ``longestLine`` bytes.
  case lineTooLong(Int)
  /// The trace has more requests than can be held.
  case tooManyRequests(Int)
  /// The trace spans more time than can be simulated, in seconds.
  case tooLong(Double)

  static let longestLine = 64 << 20

  /// What is wrong, where, and what to do, as a sentence.
  public var description: String {
    switch self {
    case .empty(let skipped, let example):
      "The trace holds no request\(skipped > 0 ? " (\(skipped) lines were skipped)" : ""); check the file and its format."
        + (example.map { " \($0)" } ?? "")
    case .line(let number, let fault): "Line \(number) of the trace: \(fault)"
    case .unknownFormat(let line):
      "The trace's format can't be told from its first line ('\(Self.shortened(line))'); name it with --format, and the columns of a CSV with --time-column, --isl-column and --osl-column."
    case .foreignEncoding(let what): "The trace is \(what)."
    case .jsonArray:
      "The trace is one JSON array; one object a line is needed: 'jq -c .[] FILE | sla-planner simulate -'."
    case .implausibleUnit(let unit, let rate, let seconds, let probably):
      "The trace would be over in \(Self.rounded(seconds)) s, with \(Self.rounded(rate)) requests a second, if its time stamps counted \(unit.title); they probably count \(probably.title). Say which with --time-unit \(probably.rawValue) or --time-unit \(unit.rawValue)."
    case .noColumn(let name, let columns):
      "The trace has no column '\(Self.shortened(name))'; it has: \(Self.listed(columns))."
    case .gzipCutOff(let line):
      "The compressed trace ends too early, after line \(line); fetch the file again."
    case .gzipDamaged(let line, let reason):
      "The compressed trace is damaged after line \(line) (\(reason)); fetch the file again."
    case .lineTooLong(let number):
      "Line \(number) of the trace is longer than \(Self.longestLine >> 20) MiB; check that this is a trace with one request a line."
    case .tooManyRequests(let count):
      "The trace would have \(count) requests; at most \(RequestTrace.mostRequests) can be simulated at once. Lower --scale or --repeat, or take a part with --from and --until."
    case .tooLong(let seconds):
      "The trace would span \(Int(min(seconds, 1e15))) s; at most \(Int(TraceShaping.longestTrace)) s can be simulated. Check the time column and its unit, or take a part with --from and --until."
    }
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(20).map { "'\(shortened($0))'" }.joined(separator: ", ")
      + (names.count > 20 ? ", …" : "")
  }

  private static func rounded(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths >= 10 ? "\(Int(min(tenths, 1e15)))" : "\(tenths)"
  }

  static func shortened(_ text: String) -> String {
    text.count > 60 ? text.prefix(60) + "…" : text
  }
}

/// What is wrong with one line.
public enum LineFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line is no JSON object of numbers; the reason says where it stops making sense.
  case notJSON(String)
  /// A key or a field is missing.
  case missing(String)
  /// A number stands in quotation marks.
  case quotedNumber(name: String, text: String)
  /// A quoted field has no end.
  case openQuote
  /// A time can't be read.
  case badTime(String)
  /// A number is too large to count seconds since 1970; the unit that it probably counts.
  case hugeTime(String, probably: TraceTimeUnit)
  /// A length is no whole number of at least 1 and at most ``RequestTrace/longestSequence``.
  case badLength(name: String, text: String)
  /// The request arrived before the one on the line before.
  case unsorted

  /// What is wrong and what to do, as a sentence.
  public var description: String {
    switch self {
    case .notJSON(let reason): "it is no JSON object as the Mooncake traces have (\(reason))."
    case .missing(let name): "'\(TraceError.shortened(name))' is missing; the line may be cut off."
    case .quotedNumber(let name, let text):
      "'\(TraceError.shortened(name))' is a string ('\(TraceError.shortened(text))'); a number without quotation marks is needed."
    case .openQuote: "a quotation mark is opened and never closed."
    case .badTime(let text):
      "'\(TraceError.shortened(text))' is no time; a number or a date such as 2023-11-16 18:17:03.98 is needed."
    case .hugeTime(let text, let probably):
      "'\(TraceError.shortened(text))' can't count seconds; it probably counts \(probably.title) since 1970. Say so with --time-unit \(probably.rawValue)."
    case .badLength(let name, let text):
      "\(name) is '\(TraceError.shortened(text))', where a whole number of tokens from 1 to \(RequestTrace.longestSequence) is needed."
    case .unsorted:
      "the request arrived before the one on the line before; sort the trace with --sort, or leave such lines out with --skip-bad-lines."
    }
  }
}
