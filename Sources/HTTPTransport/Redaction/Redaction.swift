import Glibc

/// Hides credentials in what is shown, logged or recorded.
public enum Redaction {
  /// What stands in the place of a credential.
  public static let mark = "REDACTED"

  /// `text` as a URL without user name, password, fragment and the values of query fields that
  /// hold a credential.
  ///
  /// A text that isn't a URL is cut more: everything up to its last `@` may be a password.
  public static func url(_ text: String) -> String {
    guard let parsed = try? RequestURL(text) else { return unparsable(text) }
    return parsed.shown
  }

  /// `url` with a query that would bury the message (an encoded PromQL expression, say) left out.
  static func withoutLongQuery(_ url: String) -> String {
    guard let mark = url.firstIndex(of: "?"), url.utf8.count - url[..<mark].utf8.count > 60 else {
      return url
    }
    return url[...mark] + "…"
  }

  /// `text`, which is not a usable URL, without anything that may be a credential.
  static func unparsable(_ text: String) -> String {
    let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    var rest = text[start...]
    if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    rest = rest.prefix { $0 != "#" }
    let scheme = String(text[..<start])
    guard let mark = rest.firstIndex(of: "?") else { return scheme + rest }
    return scheme + rest[...mark] + query(rest[rest.index(after: mark)...])
  }

  /// `text`, the fields of a URL's query or of a form, with the values that hold a credential
  /// hidden.
  static func query(_ text: some StringProtocol) -> String {
    text.split(separator: "&", omittingEmptySubsequences: false).map { field in
      guard let equals = field.firstIndex(of: "=") else { return String(field) }
      let value = field[field.index(after: equals)...]
      guard isSecretName(field[..<equals]) || looksLikeToken(value) else { return String(field) }
      return String(field[...equals]) + mark
    }.joined(separator: "&")
  }

  /// Whether a field called `name` (of a query, a header or an environment) holds a credential.
  static func isSecretName(_ name: some StringProtocol) -> Bool {
    let plain = plainName(name)
    // "max_tokens" and the like count tokens of a language model.
    if plain.hasSuffix("tokens") { return false }
    return secretNames.contains(plain) || secretParts.contains { plain.contains($0) }
  }

  /// `name` in lower case without the characters that naming styles differ in.
  static func plainName(_ name: some StringProtocol) -> String {
    String(name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." })
  }

  private static let secretNames: Set<String> = ["key", "sig", "pwd", "auth", "jwt", "session"]
  private static let secretParts = [
    "token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey",
    "credential", "signature", "authorization", "cookie",
  ]

  /// Whether `value` can hardly be anything but a credential, whatever its field is called:
  /// a JSON Web Token, or a long run of mixed letters and digits.
  private static func looksLikeToken(_ value: some StringProtocol) -> Bool {
    if value.hasPrefix("eyJ") && value.contains(".") { return true }
    var hasUpper = false
    var hasLower = false
    var hasDigit = false
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUpper = true
      case UInt8(ascii: "a")...UInt8(ascii: "z"): hasLower = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"): break
      default: return false
      }
    }
    return value.utf8.count >= 24 && hasUpper && hasLower && hasDigit
  }

  /// The header fields of an answer without those that hold a credential.
  static func headers(_ headers: [HTTPHeader], secrets: [String]) -> [HTTPHeader] {
    headers.filter { !isSecretName($0.name) }.map { header in
      let isPlace = header.name.lowercased() == "location" && header.value.contains("://")
      let value = isPlace ? url(header.value) : header.value
      return HTTPHeader(header.name, scrubbed(value, of: secrets))
    }
  }

  /// `text` with every occurrence of one of `secrets` hidden.
  static func scrubbed(_ text: String, of secrets: [String]) -> String {
    if secrets.isEmpty { return text }
    return String(decoding: scrubbed(Array(text.utf8), of: secrets), as: UTF8.self)
  }

  /// `bytes` with every occurrence of one of `secrets` hidden.
  static func scrubbed(_ bytes: [UInt8], of secrets: [String]) -> [UInt8] {
    secrets.reduce(bytes) { bytes, secret in
      let pattern = Array(secret.utf8)
      var places = Self.places(of: pattern, in: bytes)[...]
      guard let first = places.popFirst() else { return bytes }
      var result = Array(bytes[..<first]) + Array(mark.utf8)
      var copied = first + pattern.count
      for place in places {
        result += bytes[copied..<place] + Array(mark.utf8)
        copied = place + pattern.count
      }
      return result + bytes[copied...]
    }
  }

  /// Where `pattern` begins in `bytes`, without overlaps. Pages of many megabytes are searched.
  private static func places(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard let first = pattern.first else { return [] }
    return bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return [] }
      var places: [Int] = []
      var index = 0
      while index + pattern.count <= bytes.count,
        let next = memchr(start + index, Int32(first), bytes.count - pattern.count - index + 1)
      {
        let place = UnsafeRawPointer(next) - start
        let isFound = memcmp(start + place, pattern, pattern.count) == 0
        if isFound { places.append(place) }
        index = place + (isFound ? pattern.count : 1)
      }
      return places
    }
  }
}
