#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What one request authenticates with.
enum Credentials: Sendable, Equatable {
  case none
  case bearer(String)
  case basic(user: String, password: String)

  /// The credentials of `access`; those in the URL where it has none.
  ///
  /// - Parameter refuse: makes an error that names the request out of a reason.
  /// - Throws: ``HTTPError/unreadableFile(path:reason:)`` for a token file that gives no token.
  init(
    _ access: HTTPAccess, url: RequestURL, refuse: (String) -> HTTPError
  ) throws(HTTPError) {
    switch access.token {
    case .value(let value):
      let token = Self.trimmed(value)
      guard !token.isEmpty, !token.contains(where: \.isNewline) else {
        throw refuse("its bearer token is empty or more than one line")
      }
      self = .bearer(token)
    case .file(let path): self = .bearer(try Self.readToken(path))
    case nil: self = Self.basic(access, url: url)
    }
  }

  private static func basic(_ access: HTTPAccess, url: RequestURL) -> Credentials {
    if access.user != nil || access.password != nil {
      return .basic(user: access.user ?? "", password: access.password ?? "")
    }
    return url.user.map { .basic(user: $0, password: url.password ?? "") } ?? .none
  }

  /// The value of the `Authorization` header.
  var headerValue: String? {
    switch self {
    case .none: nil
    case .bearer(let token): "Bearer " + token
    case .basic(let user, let password):
      "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
  }

  /// The texts of `request` that must not be shown or recorded wherever they turn up.
  static func secrets(of request: HTTPRequest) -> [String] {
    let kinds = secretsByKind(of: request)
    return kinds.tokens + kinds.passwords
  }

  /// The secrets of `request`; tokens are those that no other text is by chance. Short ones are left
  /// out: a password "1" would hide half of every page.
  static func secretsByKind(
    of request: HTTPRequest
  ) -> (tokens: [String], passwords: [String]) {
    let headers = request.headers + request.access.headers
    var tokens = headers.filter { Redaction.isSecretName($0.name) }.map { header in
      // "Bearer x" is quoted with and without its first word.
      header.value.split(separator: " ").last.map(String.init) ?? ""
    }
    var passwords: [String] = []
    if let url = try? RequestURL(request.url),
      let credentials = try? Credentials(
        request.access, url: url, refuse: { .failed(request: "", reason: $0) })
    {
      switch credentials {
      case .none: break
      case .bearer(let token): tokens.append(token)
      case .basic(_, let password):
        passwords.append(password)
        tokens += credentials.headerValue.map { [String($0.dropFirst(6))] } ?? []
      }
    }
    func long(_ texts: [String]) -> [String] { texts.filter { $0.utf8.count >= 8 } }
    return (long(tokens), long(passwords))
  }

  private static func readToken(_ path: String) throws(HTTPError) -> String {
    let bytes: [UInt8]
    do { bytes = try SmallFile.read(path) } catch {
      throw .unreadableFile(path: path, reason: "\(error)")
    }
    let text = trimmed(String(decoding: bytes, as: UTF8.self))
    guard !text.isEmpty else { throw .unreadableFile(path: path, reason: "it is empty") }
    guard !text.contains(where: \.isNewline) else {
      throw .unreadableFile(path: path, reason: "it holds more than one line, not one token")
    }
    return text
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}
