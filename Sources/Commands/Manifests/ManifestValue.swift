/// A value of a manifest, with members in the order they are written.
indirect enum ManifestValue: Equatable {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([ManifestValue])
  case table([(String, ManifestValue)])

  static func == (one: ManifestValue, other: ManifestValue) -> Bool { one.json == other.json }

  static func texts(_ texts: [String]) -> ManifestValue { .list(texts.map { .text($0) }) }

  /// As YAML, without a line end after the last line.
  var yaml: String { lines(indented: 0).joined(separator: "\n") }

  private func lines(indented depth: Int) -> [String] {
    let blanks = String(repeating: " ", count: depth)
    switch self {
    case .table(let members):
      return members.flatMap { key, value -> [String] in
        if let short = value.inline { return ["\(blanks)\(key): \(short)"] }
        return ["\(blanks)\(key):"] + value.lines(indented: depth + 2)
      }
    case .list(let elements):
      return elements.flatMap { element -> [String] in
        if let short = element.inline { return ["\(blanks)- \(short)"] }
        var lines = element.lines(indented: depth + 2)
        lines[0] = "\(blanks)- \(lines[0].dropFirst(depth + 2))"
        return lines
      }
    default: return [blanks + (inline ?? "")]
    }
  }

  /// What fits behind a key; nil for what needs lines of its own.
  private var inline: String? {
    switch self {
    case .text(let text): Self.scalar(text)
    case .number(let number): "\(number)"
    case .flag(let flag): flag ? "true" : "false"
    case .list(let elements):
      elements.allSatisfy(\.isScalar)
        ? "[" + elements.compactMap(\.inline).joined(separator: ", ") + "]" : nil
    case .table(let members): members.isEmpty ? "{}" : nil
    }
  }

  private var isScalar: Bool {
    switch self {
    case .text, .number, .flag: true
    case .list, .table: false
    }
  }

  /// Plain where that can't be misread, else in quotes, as JSON writes it.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isLetter || $0 == "/" } == true
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._/".contains($0)) }
      && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
    return isPlain ? text : quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\t": "\\t"
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  /// As JSON.
  var json: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .number(let number): "\(number)"
    case .flag(let flag): flag ? "true" : "false"
    case .list(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
    case .table(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.json }.joined(separator: ",") + "}"
    }
  }
}
