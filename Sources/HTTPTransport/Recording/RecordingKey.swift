/// What makes two requests the same for a recording: method, URL and body, without credentials.
struct RecordingKey: Hashable, Sendable {
  /// The method.
  let method: String
  /// The URL with its credentials hidden, so that another credential gives the same key.
  let url: String
  /// The body with its credentials hidden; nil for none.
  let body: [UInt8]?

  /// Method and URL as messages name them.
  var shown: String { "\(method) \(url)" }

  /// The body's hash, 16 hexadecimal digits.
  var bodyHash: String? { body.map { Self.hexadecimal(Self.hash($0)) } }

  /// The body for people to read; nil when it is long or not text.
  var readableBody: String? {
    guard let body, body.count <= 64 << 10, let text = String(validating: body, as: UTF8.self)
    else { return nil }
    return text
  }

  init(method: String, url: String, body: [UInt8]?) {
    self.method = method
    self.url = url
    self.body = body
  }

  /// - Parameter secrets: texts to hide wherever they stand.
  init(_ request: HTTPRequest, secrets: [String]) {
    let type = request.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
    self.init(
      method: request.method,
      url: Redaction.scrubbed(Redaction.url(request.url), of: secrets),
      body: request.body.map { bytes in
        let isForm = type.lowercased().hasPrefix("application/x-www-form-urlencoded")
        return Redaction.scrubbed(
          isForm
            ? Array(Redaction.query(String(decoding: bytes, as: UTF8.self)).utf8)
            : JSONRedaction.redact(bytes), of: secrets)
      })
  }

  /// The name of the files that hold answer number `occurrence`: readable, and always the same
  /// for the same requests, whatever the order in which they were answered.
  func fileName(_ occurrence: Int) -> String {
    let place = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let words = place.prefix { $0 != "?" }.prefix(80)
      .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let identity = Self.hash(Array("\(method)\n\(url)\n\(bodyHash ?? "")".utf8))
    return ([method[...]] + words + [Self.hexadecimal(identity)[...], "\(occurrence)"])
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
