import Yams

/// The keys and values of a configuration file, as they stand there.
public struct ConfigurationFile: Sendable, Equatable {
  /// What stands behind a key.
  public enum Value: Sendable, Equatable {
    /// A single value, as it is written (without quotes).
    case text(String)
    /// Null.
    case nothing
    /// A list or a table.
    case nested
  }

  /// One key with its value.
  public struct Entry: Sendable, Equatable {
    /// The key as it is spelt.
    public let key: String
    /// Its value.
    public let value: Value
    /// The line of the key, from 1; nil when it isn't known.
    public let line: Int?
  }

  /// What messages call the file.
  public let name: String
  /// The keys in the order of the file.
  public let entries: [Entry]

  /// Most bytes a configuration file may have.
  static let maximumBytes = 64 * 1024
  /// Most aliases (`*name`) it may use. A handful is harmless; many, each of which repeats others,
  /// unfold to more than any memory holds.
  static let maximumAliases = 12

  /// Reads a file's text. YAML and JSON are read alike: JSON is a part of YAML. An empty file has
  /// no entries.
  ///
  /// - Parameters:
  ///   - text: the whole file.
  ///   - name: what messages call it.
  /// - Throws: ``SettingsError/unreadableFile(name:reason:)``.
  public static func parse(_ text: String, name: String) throws(SettingsError) -> ConfigurationFile
  {
    func unreadable(_ reason: String) -> SettingsError {
      .unreadableFile(name: name, reason: reason)
    }
    guard text.utf8.count <= maximumBytes else {
      throw unreadable("it has more than \(maximumBytes) bytes, which no configuration needs")
    }
    guard aliasCount(in: text) <= maximumAliases else {
      throw unreadable("it uses more than \(maximumAliases) YAML aliases; write the values out")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: withoutMark(text), .basic, .default, .utf8)
    } catch {
      throw unreadable(reason(of: error))
    }
    guard let root, !isNull(root) else { return ConfigurationFile(name: name, entries: []) }
    guard case .mapping(let mapping) = root else {
      throw unreadable("it has to be a table of keys and values, like 'ttft: 500'")
    }
    var entries: [Entry] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        throw unreadable("a key has to be a single word, like 'ttft'")
      }
      entries.append(
        Entry(key: scalar.string, value: read(value), line: key.mark?.line))
    }
    return ConfigurationFile(name: name, entries: entries)
  }

  /// The text without a byte order mark, which the reader takes for a document of its own.
  private static func withoutMark(_ text: String) -> String {
    let scalars = text.unicodeScalars
    return scalars.first == "\u{FEFF}" ? String(scalars.dropFirst()) : text
  }

  private static func read(_ node: Node) -> Value {
    guard case .scalar(let scalar) = node else { return .nested }
    return isNull(node) ? .nothing : .text(scalar.string)
  }

  /// Whether a node is YAML's null: one of its words without quotes.
  private static func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Places that look like an alias: a star before a word, where a value can begin. A text in
  /// quotes can look like one too, so this may count too many, never too few.
  private static func aliasCount(in text: String) -> Int {
    var count = 0
    var before = UInt8(ascii: "\n")
    var isAfterStar = false
    for byte in text.utf8 {
      if isAfterStar, isWordByte(byte) { count += 1 }
      isAfterStar = byte == UInt8(ascii: "*") && !isWordByte(before)
      before = byte
    }
    return count
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The reader's complaint in one line, without the text around it: that may hold secrets.
  private static func reason(of error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): \(problem)"
    case .reader(let problem, _, _, _):
      problem
    case .duplicatedKeysInMapping(let keys, _):
      "it has the key \(keys.map { "'\($0)'" }.joined(separator: ", ")) more than once"
    default:
      "it is neither YAML nor JSON"
    }
  }
}
