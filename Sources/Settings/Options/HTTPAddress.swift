/// Decides which URLs the planner takes. It reads no more of a URL than that.
enum HTTPAddress {
  /// Whether `text` is an absolute `http` or `https` URL with a host, and without credentials or a
  /// query (they would end up in logs and recordings), fragment, blanks or bare non-ASCII
  /// characters.
  static func isUsable(_ text: String) -> Bool {
    guard let rest = afterScheme(text), !rest.contains("#"), !rest.contains("?"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#"<>"\^`{|}"#.utf8.contains($0) })
    else { return false }
    return isUsable(authority: rest.prefix { $0 != "/" })
  }

  /// `text` with what may be credentials blotted out, for messages: everything between the scheme
  /// and the last `@`, and everything behind a `?`.
  static func redacted(_ text: String) -> String {
    var shown = Substring(text)
    if let at = shown.lastIndex(of: "@") {
      let start = shown.firstRange(of: "://").map(\.upperBound) ?? shown.startIndex
      if start <= at { shown = shown[..<start] + "***" + shown[at...] }
    }
    if let query = shown.firstIndex(of: "?") { shown = shown[..<query] + "?***" }
    return String(shown)
  }

  private static func afterScheme(_ text: String) -> Substring? {
    let scheme = text.prefix { $0 != ":" }
    guard ["http", "https"].contains(scheme.lowercased()) else { return nil }
    let rest = text.dropFirst(scheme.count)
    return rest.hasPrefix("://") ? rest.dropFirst(3) : nil
  }

  private static func isUsable(authority: Substring) -> Bool {
    let host: Substring
    let port: Substring?
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return false }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let rest = authority[authority.index(after: end)...]
      guard rest.isEmpty || rest.first == ":" else { return false }
      port = rest.isEmpty ? nil : rest.dropFirst()
      guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
      else { return false }
    } else {
      host = authority.prefix { $0 != ":" }
      port = host.endIndex == authority.endIndex ? nil : authority[host.endIndex...].dropFirst()
      guard host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) })
      else { return false }
    }
    guard !host.isEmpty else { return false }
    return port.map { UInt16($0).map { $0 > 0 } ?? false } ?? true
  }
}
