import Foundation

/// A JSON value that tests and stand-in servers can look into and change.
public enum JSON: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSON])
  /// Members by name.
  case object([String: JSON])

  /// The text is not JSON.
  public struct Malformed: Error {}

  /// Parses `data`.
  public init(_ data: Data) throws {
    guard let value = try? JSONDecoder().decode(JSON.self, from: data) else { throw Malformed() }
    self = value
  }

  /// Parses `text`.
  public init(_ text: String) throws { try self.init(Data(text.utf8)) }

  /// The member `key`; setting null keeps it, setting nil removes it.
  public subscript(key: String) -> JSON? {
    get { if case .object(let members) = self { members[key] } else { nil } }
    set {
      var members: [String: JSON] = [:]
      if case .object(let old) = self { members = old }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The element `index`.
  public subscript(index: Int) -> JSON? {
    get {
      if case .array(let elements) = self, elements.indices.contains(index) {
        elements[index]
      } else {
        nil
      }
    }
    set {
      guard case .array(var elements) = self, elements.indices.contains(index), let newValue else {
        return
      }
      elements[index] = newValue
      self = .array(elements)
    }
  }

  /// The value at a path of keys and indices separated by `/`.
  public subscript(path path: String) -> JSON? {
    get {
      path.split(separator: "/").reduce(Optional(self)) { value, step in
        Int(step).flatMap { value?[$0] } ?? value?[String(step)]
      }
    }
    set {
      let steps = path.split(separator: "/").map(String.init)
      set(steps[...], newValue)
    }
  }

  private mutating func set(_ steps: ArraySlice<String>, _ value: JSON?) {
    guard let step = steps.first else {
      if let value { self = value }
      return
    }
    let rest = steps.dropFirst()
    if case .array = self, let index = Int(step) {
      var element = self[index] ?? .object([:])
      element.set(rest, value)
      self[index] = element
    } else if rest.isEmpty {
      self[step] = value
    } else {
      var member = self[step] ?? .object([:])
      member.set(rest, value)
      self[step] = member
    }
  }

  /// The text.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The number, if it is whole.
  public var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

  /// The boolean.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements; none if this is no array.
  public var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

  /// Compact text with sorted keys.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let number):
      Int(exactly: number).map(String.init) ?? String(number)
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }.map { Self.quoted($0.key) + ":" + $0.value.text }
        .joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}

extension JSON: Decodable {
  /// Takes whatever is there.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// Members by name.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}
