import CCurl

/// An http or https URL taken apart, with the credentials that it may hold kept aside.
struct RequestURL: Sendable {
  /// `http` or `https`.
  let scheme: String
  /// The host in lower case, an IPv6 address in brackets.
  let host: String
  /// The port, the scheme's own where the URL names none.
  let port: Int
  /// The user name that stood before the host, decoded.
  let user: String?
  /// The password that stood before the host, decoded.
  let password: String?
  /// What follows host and port: path and query.
  let target: String
  /// The URL without user name, password and fragment.
  let text: String

  /// The URL as it may be shown: no credentials, none in the query either.
  var shown: String {
    guard let mark = text.firstIndex(of: "?") else { return text }
    return String(text[...mark]) + Redaction.query(text[text.index(after: mark)...])
  }

  /// A request for the URL as messages name it.
  func shown(_ method: String) -> String { "\(method) \(Redaction.withoutLongQuery(shown))" }

  /// Scheme, host and port: what must stay the same for credentials to be sent.
  var origin: String { "\(scheme)://\(authority)" }

  /// Host and port as the `Host` header names them.
  var authority: String { isDefaultPort ? host : "\(host):\(port)" }

  private var isDefaultPort: Bool { port == (scheme == "https" ? 443 : 80) }

  /// Takes `text` apart.
  ///
  /// - Throws: ``HTTPError/invalidURL(_:reason:)``.
  init(_ text: String) throws(HTTPError) {
    try self.init(text, relativeTo: nil)
  }

  /// Where a redirect of an answer to this request leads; credentials stay those of this URL.
  ///
  /// - Throws: ``HTTPError/invalidURL(_:reason:)``.
  func redirected(to location: String) throws(HTTPError) -> RequestURL {
    try RequestURL(location, relativeTo: self)
  }

  private init(_ text: String, relativeTo base: RequestURL?) throws(HTTPError) {
    func refuse(_ reason: String) -> HTTPError {
      .invalidURL(Redaction.unparsable(text), reason: reason)
    }
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
      throw refuse("it holds blanks or control characters; encode them")
    }
    // libcurl would take the first folder for the host.
    guard !["http:///", "https:///"].contains(where: text.lowercased().hasPrefix) else {
      throw refuse("it names no host")
    }
    guard let handle = curl_url() else { throw refuse("there is no memory to read it") }
    defer { curl_url_cleanup(handle) }
    var status = CURLUE_OK
    if let base { status = curl_url_set(handle, CURLUPART_URL, base.text, 0) }
    if status == CURLUE_OK { status = curl_url_set(handle, CURLUPART_URL, text, 0) }
    guard status != CURLUE_BAD_SCHEME, status != CURLUE_UNSUPPORTED_SCHEME else {
      throw refuse("it must begin with http:// or https://")
    }
    guard status == CURLUE_OK else {
      throw refuse(String(cString: curl_url_strerror(status)))
    }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var found: UnsafeMutablePointer<CChar>?
      guard curl_url_get(handle, part, &found, UInt32(flags)) == CURLUE_OK, let found else {
        return nil
      }
      defer { curl_free(found) }
      return String(cString: found)
    }
    guard let scheme = part(CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
      throw refuse("it must begin with http:// or https://")
    }
    guard let host = part(CURLUPART_HOST), let path = part(CURLUPART_PATH),
      let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }), port > 0
    else { throw refuse("it names no host or no port that can be used") }
    let query = part(CURLUPART_QUERY)
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
    user = base.map(\.user) ?? part(CURLUPART_USER, CURLU_URLDECODE)
    password = base.map(\.password) ?? part(CURLUPART_PASSWORD, CURLU_URLDECODE)
    target = path + (query.map { "?" + $0 } ?? "")
    for secret in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT] {
      curl_url_set(handle, secret, nil, 0)
    }
    guard let plain = part(CURLUPART_URL) else { throw refuse("it can't be put together again") }
    self.text = plain
  }
}
