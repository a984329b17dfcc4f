import Synchronization

/// What makes two requests the same for a recording: method, URL and body, without credentials.
struct RecordingKey: Hashable, Sendable {
  /// The method.
  let method: String
  /// The URL with its credentials hidden, so that another credential gives the same key.
  let url: String
  /// The hash of the body without its credentials, 16 hexadecimal digits; nil without a body.
  let bodyHash: String?

  /// Method and URL as messages name them.
  var shown: String { "\(method) \(Redaction.withoutLongQuery(url))" }

  /// The key of a request that was recorded.
  init(_ request: RecordedAnswer.Request) {
    method = request.method
    url = request.url
    bodyHash = request.bodyHash
  }

  /// The key of a request that is about to be sent.
  init(_ request: HTTPRequest) {
    let secrets = Credentials.secrets(of: request)
    method = request.method
    url = Self.withoutWishes(Redaction.scrubbed(Redaction.url(request.url), of: secrets))
    bodyHash = Self.redactedBody(request, secrets: secrets).map { Self.hexadecimal(Self.hash($0)) }
  }

  /// `url` without the wish for whole answers, which changes no answer that is given: recordings from
  /// before it was sent replay.
  private static func withoutWishes(_ url: String) -> String {
    let wish = "partial_response=false&deny_partial_response=1&"
    guard let range = url.firstRange(of: wish) else { return url }
    return String(url[..<range.lowerBound] + url[range.upperBound...])
  }

  /// The body of `request` for people to read, without credentials; nil when it is long, not
  /// text, or absent.
  static func readableBody(_ request: HTTPRequest) -> String? {
    let body = redactedBody(request, secrets: Credentials.secrets(of: request))
    guard let body, body.count <= 64 << 10 else { return nil }
    return String(validating: body, as: UTF8.self)
  }

  private static func redactedBody(_ request: HTTPRequest, secrets: [String]) -> [UInt8]? {
    guard let body = request.body else { return nil }
    let type = request.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
    let isForm = type.lowercased().hasPrefix("application/x-www-form-urlencoded")
    let redacted =
      isForm
      ? Array(Redaction.query(String(decoding: body, as: UTF8.self)).utf8)
      : JSONRedaction.redact(body)
    return Redaction.scrubbed(redacted, of: secrets)
  }

  /// The name of the files that hold answer number `occurrence`: readable, and always the same
  /// for the same requests, whatever the order in which they were answered.
  func fileName(_ occurrence: Int) -> String {
    let place = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let words = place.prefix { $0 != "?" }.prefix(80)
      .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let verb = method.prefix(20).filter { $0.isASCII && $0.isLetter }
    let identity = Self.hash(Array("\(method)\n\(url)\n\(bodyHash ?? "")".utf8))
    return ([verb[...]] + words + [Self.hexadecimal(identity)[...], "\(occurrence)"])
      .joined(separator: "-")
  }

  /// FNV-1a, 64 bits. Source: draft-eastlake-fnv-17. It tells requests apart, it guards nothing.
  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Numbers the requests with the same key in the order they are sent: 1, 2, 3, …
final class Occurrences: Sendable {
  private let counts = Mutex<[RecordingKey: Int]>([:])

  func next(of key: RecordingKey) -> Int {
    counts.withLock { counts in
      let number = counts[key, default: 0] + 1
      counts[key] = number
      return number
    }
  }
}
