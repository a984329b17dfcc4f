import Yams

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What stands in a YAML or JSON file that is not the planner's own (a kubeconfig).
///
/// Values keep the text they are written as: an unquoted `0123` is a name to one reader and a
/// number to another, and only the reader knows which it needs.
public indirect enum DocumentTree: Sendable, Equatable {
  /// Null, or a key without a value.
  case nothing
  /// An unquoted `true` or `false`.
  case flag(Bool)
  /// Any other single value, without quotes.
  case text(String)
  /// A sequence.
  case list([DocumentTree])
  /// A mapping.
  case table([String: DocumentTree])

  /// Why a text is no such document, as the rest of a sentence that quotes no value of it.
  public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason.
    public let description: String
  }

  /// A list of single values, or a table of them as `NAME=VALUE`, sorted; nil for anything else.
  var lines: [String]? {
    let lines: [String?] =
      switch self {
      case .list(let values): values.map(\.word)
      case .table(let values):
        values.sorted { $0.key < $1.key }.map { name, value in value.word.map { "\(name)=\($0)" } }
      case .nothing, .flag, .text: [nil]
      }
    return lines.contains(nil) ? nil : lines.compactMap { $0 }
  }

  /// A list of tables of single values, each as `NAME=VALUE;NAME=VALUE`; nil for anything else.
  var windowLines: [String]? {
    guard case .list(let elements) = self else { return nil }
    let lines = elements.map { element -> String? in
      guard case .table = element, let fields = element.lines,
        !fields.contains(where: { $0.contains(";") })
      else { return nil }
      return fields.joined(separator: ";")
    }
    return lines.contains(nil) ? nil : lines.compactMap { $0 }
  }

  private var word: String? {
    switch self {
    case .flag(let isTrue): isTrue ? "true" : "false"
    case .text(let text): text
    case .nothing, .list, .table: nil
    }
  }

  /// A kubeconfig with a hundred clusters and their inline certificates has half a megabyte.
  static let maximumBytes = 4 << 20
  static let maximumAliases = 12
  /// More levels than any such file has; far fewer than overflow the stack.
  static let maximumDepth = 50

  /// Parses the first document of `text`; an empty one is ``nothing``.
  public static func parse(_ text: String) throws(Problem) -> DocumentTree {
    let root: Node?
    do throws(YAMLText.Problem) {
      root = try YAMLText.compose(
        text, maximumBytes: maximumBytes, maximumAliases: maximumAliases)
    } catch {
      throw Problem(description: error.reason)
    }
    return try root.map { node throws(Problem) in try tree(node, depth: 0) } ?? .nothing
  }

  /// The text that a `!!binary` scalar stands for: its base64 may be wrapped.
  private static func binary(_ encoded: String) throws(Problem) -> DocumentTree {
    guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters) else {
      throw Problem(description: "a !!binary value in it is not base64")
    }
    return .text(String(decoding: data, as: UTF8.self))
  }

  static func tree(_ node: Node, depth: Int) throws(Problem) -> DocumentTree {
    guard depth < maximumDepth else {
      throw Problem(description: "it is nested more than \(maximumDepth) levels deep")
    }
    switch node {
    case .scalar(let scalar):
      if YAMLText.isNull(node) { return .nothing }
      if scalar.tag.description == Tag.Name.binary.rawValue { return try binary(scalar.string) }
      guard scalar.style == .plain else { return .text(scalar.string) }
      switch scalar.string {
      case "true", "True", "TRUE": return .flag(true)
      case "false", "False", "FALSE": return .flag(false)
      default: return .text(scalar.string)
      }
    case .sequence(let sequence):
      var elements: [DocumentTree] = []
      for element in sequence { elements.append(try tree(element, depth: depth + 1)) }
      return .list(elements)
    case .mapping(let mapping):
      var members: [String: DocumentTree] = [:]
      for (key, value) in mapping {
        guard case .scalar(let name) = key else {
          throw Problem(description: "a key in it is not a single word")
        }
        members[name.string] = try tree(value, depth: depth + 1)
      }
      return .table(members)
    case .alias:
      throw Problem(description: "it uses an alias that leads nowhere")
    }
  }
}
