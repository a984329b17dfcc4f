/// A value of a parsed YAML or JSON document; a kubeconfig arrives as one, so that this module
/// needs no YAML parser.
public enum ConfigurationValue: Sendable, Equatable {
  /// Nothing: `null`, `~`, or a key without a value.
  case null
  /// A boolean.
  case bool(Bool)
  /// A number.
  case number(Double)
  /// A text.
  case string(String)
  /// A sequence.
  case array([ConfigurationValue])
  /// A mapping.
  case object([String: ConfigurationValue])

  /// The value of `key`; null where there is no such key or this is no mapping.
  subscript(key: String) -> ConfigurationValue {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }

  /// The text. A whole number counts as its digits: YAML reads an unquoted `1234` as a number.
  var text: String? {
    switch self {
    case .string(let text): text
    case .number(let number) where number == number.rounded() && abs(number) < 0x1p53:
      String(Int(number))
    default: nil
    }
  }

  /// The text, if there is any character in it.
  var nonEmptyText: String? { text.flatMap { $0.isEmpty ? nil : $0 } }

  /// The boolean.
  var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// The elements; none where this is no sequence.
  var elements: [ConfigurationValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The mapping's keys, sorted; none where this is no mapping.
  var keys: [String] { if case .object(let members) = self { members.keys.sorted() } else { [] } }
}
