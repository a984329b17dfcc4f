/// Hides credentials in JSON text and leaves every other byte as it was.
///
/// It walks over the text's strings without building a tree, so that it also works on text that
/// is not quite JSON. Hidden are the values of fields that are named like a credential, the
/// `value` beside a `name` that is (environment variables of Kubernetes containers), and the
/// copy of an object's last applied configuration, which holds the same in escaped form.
struct JSONRedaction {
  private let bytes: [UInt8]
  private var copied = 0
  private var result: [UInt8] = []
  private var field: String?
  private var lastName = ""

  /// `bytes` without credentials; the same bytes when they don't look like JSON.
  static func redact(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = bytes.first(where: { !isBlank($0) }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return bytes }
    var walk = JSONRedaction(bytes: bytes)
    walk.run()
    return walk.result
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func run() {
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        let end = endOfString(from: index + 1)
        visit(index + 1..<end)
        index = end
      case UInt8(ascii: "{"), UInt8(ascii: "}"):
        field = nil
        lastName = ""
      default: break
      }
      index += 1
    }
    result += bytes[copied...]
  }

  /// Looks at the string whose characters stand in `range`: it is a field's name or a value.
  private mutating func visit(_ range: Range<Int>) {
    let text = String(decoding: bytes[range], as: UTF8.self)
    var after = range.upperBound + 1
    while after < bytes.count, Self.isBlank(bytes[after]) { after += 1 }
    if after < bytes.count, bytes[after] == UInt8(ascii: ":") {
      field = text
    } else if let field {
      if isSecret(text, of: field) {
        result += bytes[copied..<range.lowerBound] + Array(Redaction.mark.utf8)
        copied = range.upperBound
      }
      if field == "name" { lastName = text }
    }
  }

  private func isSecret(_ value: String, of field: String) -> Bool {
    if field == "kubectl.kubernetes.io/last-applied-configuration" { return true }
    if field == "value" { return Redaction.isSecretName(lastName) && Double(value) == nil }
    return Self.secretFields.contains(Redaction.plainName(field))
  }

  /// Exact names: a field such as `tokenizer` or `secretName` decides things and must stay.
  private static let secretFields: Set<String> = [
    "password", "passwd", "passphrase", "token", "accesstoken", "idtoken", "refreshtoken",
    "authtoken", "bearertoken", "secret", "clientsecret", "secretkey", "apikey", "accesskey",
    "privatekey", "clientkeydata", "authorization",
  ]

  /// The index of the quotation mark that ends the string starting at `start`.
  private func endOfString(from start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index, bytes.count)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }
}
