import HTTPTransport

/// An address as a user wrote it, with the credentials taken out so that no message shows them.
struct EndpointURL: Sendable, Equatable {
  /// The address without credentials.
  let url: String
  /// User name and password that stood in the address.
  let user: String?
  /// The password that stood in the address.
  let password: String?

  /// Takes `user:password@` out of an address; anything else stays as it is.
  init(_ text: String) {
    let scheme = text.firstRange(of: "://")
    let authority = scheme.map { text[$0.upperBound...].prefix { !"/?#".contains($0) } }
    guard let scheme, let authority, let at = authority.lastIndex(of: "@") else {
      (url, user, password) = (text, nil, nil)
      return
    }
    let colon = authority[..<at].firstIndex(of: ":")
    url = String(text[..<scheme.upperBound]) + text[text.index(after: at)...]
    user = PercentEncoding.decode(authority[..<(colon ?? at)])
    password = colon.map { PercentEncoding.decode(authority[authority.index(after: $0)..<at]) }
  }

  /// `access` with the address's credentials, unless it has a user or a token of its own.
  func adding(to access: HTTPAccess) -> HTTPAccess {
    guard let user, access.user == nil, access.token == nil else { return access }
    var access = access
    access.user = user
    access.password = password
    return access
  }
}
