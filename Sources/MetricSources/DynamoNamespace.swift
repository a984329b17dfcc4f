/// A Dynamo namespace as label values spell it.
///
/// Labels write `_` where the namespace has `-`. Workers under the Kubernetes operator append the
/// hash of their generation to it (`demo-1a2b3c4d`, eight hexadecimal digits), so that the pools
/// of a rolling update can be told apart; they belong to the same deployment.
struct DynamoNamespace: Sendable, Equatable {
  /// The namespace as configured; empty matches every label.
  let name: String

  /// Whether a label's value means this namespace.
  func matches(_ label: String) -> Bool {
    guard !name.isEmpty else { return true }
    let wanted = Self.normalised(name)
    let label = Self.normalised(label)
    guard label.starts(with: wanted) else { return false }
    let suffix = label.dropFirst(wanted.count)
    return suffix.isEmpty
      || suffix.count == 9 && suffix.first == Ascii.underscore
        && suffix.dropFirst().allSatisfy {
          Ascii.isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
  }

  /// The same rule as a regular expression (RE2, to be anchored); nil when everything matches.
  var pattern: String? {
    guard !name.isEmpty else { return nil }
    let spelled = name.map { $0 == "-" || $0 == "_" ? "[-_]" : PromQL.escapedPattern(String($0)) }
    return spelled.joined() + "([-_][0-9a-f]{8})?"
  }

  private static func normalised(_ text: String) -> [UInt8] {
    text.utf8.map { $0 == Ascii.minus ? Ascii.underscore : $0 }
  }
}
