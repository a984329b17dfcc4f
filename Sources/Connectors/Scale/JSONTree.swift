import HTTPTransport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON of whatever form: of a kind of workload that nobody foresaw, only a few places are known.
enum JSONTree: Sendable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSONTree])
  case table([String: JSONTree])

  /// The value at member names separated by dots.
  subscript(_ path: String) -> JSONTree? {
    path.split(separator: ".").reduce(self as JSONTree?) { value, name in
      if case .table(let members)? = value { members[String(name)] } else { nil }
    }
  }

  /// The number, if it is whole.
  var int: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

  /// The text.
  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The truth value.
  var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }

  /// The elements; none of what is no list.
  var elements: [JSONTree] { if case .list(let elements) = self { elements } else { [] } }

  /// The members; none of what is no table.
  var members: [String: JSONTree] { if case .table(let members) = self { members } else { [:] } }

  /// The value as a type that reads some of its places; nil where it can't.
  func decoded<Value: Decodable>(as type: Value.Type) -> Value? {
    guard let bytes = try? JSONEncoder().encode(self) else { return nil }
    return try? JSONDecoder().decode(type, from: bytes)
  }
}

extension JSONTree: Codable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONTree].self) {
      self = .list(list)
    } else {
      self = .table(try container.decode([String: JSONTree].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .flag(let flag): try container.encode(flag)
    case .number(let number):
      if let int = Int(exactly: number) {
        try container.encode(int)
      } else {
        try container.encode(number)
      }
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    case .table(let members): try container.encode(members)
    }
  }
}
