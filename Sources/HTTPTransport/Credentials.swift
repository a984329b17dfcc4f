import Glibc

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
    guard let url = try? RequestURL(request.url),
      let credentials = try? Credentials(
        request.access, url: url, refuse: { .failed(request: "", reason: $0) })
    else { return [] }
    return credentials.secrets
  }

  /// Short ones are left out: a password "1" would hide half of every page.
  private var secrets: [String] {
    let all: [String?] =
      switch self {
      case .none: []
      case .bearer(let token): [token]
      case .basic(_, let password): [password, headerValue.map { String($0.dropFirst(6)) }]
      }
    return all.compactMap { $0 }.filter { $0.utf8.count >= 8 }
  }

  private static func readToken(_ path: String) throws(HTTPError) -> String {
    let text = trimmed(String(decoding: try readSmallFile(path), as: UTF8.self))
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

  /// The bytes of a regular file of at most 1 MiB; never waits, as opening a pipe would.
  private static func readSmallFile(_ path: String) throws(HTTPError) -> [UInt8] {
    func refuse(_ reason: String) -> HTTPError { .unreadableFile(path: path, reason: reason) }
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw refuse(String(cString: strerror(errno))) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw refuse(String(cString: strerror(errno))) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw refuse("it is not a regular file") }
    guard facts.st_size <= 1 << 20 else { throw refuse("it is too large to be a token") }
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size) + 1)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw refuse(String(cString: strerror(errno))) }
    return Array(bytes[..<count])
  }
}
