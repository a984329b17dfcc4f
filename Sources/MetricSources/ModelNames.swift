/// The models whose traffic counts: one name, several separated by commas, or patterns in which `*`
/// stands for anything. Adapters are served under names of their own by the workers of their base.
struct ModelNames: Sendable, Equatable {
  /// As the user wrote it.
  let text: String
  /// The names and patterns, without blanks around them.
  let names: [String]

  init(_ text: String) {
    self.text = text
    names = text.split(separator: ",")
      .map {
        String($0.trimmingPrefix(while: \.isWhitespace).trimmingSuffix(while: \.isWhitespace))
      }
      .filter { !$0.isEmpty }
  }

  /// The same as a regular expression (RE2, to be anchored), regardless of case.
  var pattern: String {
    let patterns = names.map { name in
      name.split(separator: "*", omittingEmptySubsequences: false)
        .map { PromQL.escapedPattern(String($0)) }.joined(separator: ".*")
    }
    return "(?i:\(patterns.joined(separator: "|")))"
  }

  /// Whether a label's value is one of them.
  func matches(_ label: String) -> Bool {
    let label = Array(label.lowercased().utf8)
    return names.contains { Self.matches(label[...], Array($0.lowercased().utf8)[...]) }
  }

  private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    // Where the last `*` was, and how much of the text it has taken: one step back is enough.
    var (text, pattern) = (text, pattern)
    var retry: (text: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (text, pattern)
      } else if let character = text.first, character == pattern.first {
        text = text.dropFirst()
        pattern = pattern.dropFirst()
      } else if text.isEmpty, pattern.isEmpty {
        return true
      } else if let last = retry, !last.text.isEmpty {
        retry = (last.text.dropFirst(), last.pattern)
        (text, pattern) = (last.text.dropFirst(), last.pattern)
      } else {
        return false
      }
    }
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
