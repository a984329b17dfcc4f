import Glibc

/// One HTTP exchange with every choice made: what libcurl is told, nothing more.
struct TransferPlan: Sendable {
  let method: String
  let url: RequestURL
  /// The URL that libcurl gets, and in the form of `CURLOPT_CONNECT_TO` where it connects to
  /// instead: the name to verify stands in the URL, the real host is only dialled.
  let connection: (url: String, destination: String?)
  /// Complete lines as libcurl takes them.
  let headerLines: [String]
  let body: [UInt8]?
  let access: HTTPAccess
  let connectTimeoutSeconds: Double
  let timeoutSeconds: Double
  let maximumBodyBytes: Int
  let allowance: BodyAllowance
  /// Whether libcurl may take a kept connection. On a kept connection that the server has just
  /// closed, libcurl sends the request a second time, which only an idempotent one allows.
  let mayReuseConnection: Bool
  let userAgent: String

  /// Method and URL without credentials, for messages.
  var shown: String { url.shown(method) }

  /// Whether credentials go out for everybody on the way to read.
  var exposesCredentials: Bool {
    url.scheme == "http" && headerLines.contains { $0.lowercased().hasPrefix("authorization:") }
  }

  /// Checks `request` and prepares it to be sent to `url`.
  ///
  /// Reads the token file, so that every attempt has the token of its time.
  init(
    _ request: HTTPRequest, to url: RequestURL, limits: HTTPLimits, allowance: BodyAllowance,
    timeoutSeconds: Double, userAgent: String
  ) throws(HTTPError) {
    func refuse(_ reason: String) -> HTTPError {
      .failed(request: url.shown(request.method), reason: reason)
    }
    guard Self.isToken(request.method) else { throw refuse("its method is not a word") }
    if url.scheme == "https" { try Self.checkFiles(of: request.access) }
    method = request.method
    self.url = url
    headerLines = try Self.headerLines(request, url: url, refuse: refuse)
    body = request.body
    access = request.access
    self.timeoutSeconds = timeoutSeconds
    connectTimeoutSeconds = min(limits.connectTimeoutSeconds ?? timeoutSeconds, timeoutSeconds)
    self.allowance = allowance
    maximumBodyBytes = max(0, limits.maximumBodyBytes ?? Int.max)
    mayReuseConnection = request.isIdempotent
    self.userAgent = userAgent
    connection = try Self.connection(to: url, request.access, refuse: refuse)
  }

  private static func connection(
    to url: RequestURL, _ access: HTTPAccess, refuse: (String) -> HTTPError
  ) throws(HTTPError) -> (url: String, destination: String?) {
    guard let name = access.tlsServerName, url.scheme == "https" else { return (url.text, nil) }
    guard let named = try? RequestURL("https://\(name):\(url.port)\(url.target)"),
      named.host == name.lowercased()
    else {
      throw refuse("its TLS server name '\(name)' is not a host name")
    }
    return (named.text, "::\(url.host):\(url.port)")
  }

  private static func headerLines(
    _ request: HTTPRequest, url: RequestURL, refuse: (String) -> HTTPError
  ) throws(HTTPError) -> [String] {
    var headers = request.headers + request.access.headers
    func isGiven(_ name: String) -> Bool {
      headers.contains { $0.name.lowercased() == name.lowercased() }
    }
    if !isGiven("Authorization") {
      let credentials = try Credentials(request.access, url: url, refuse: refuse)
      if let value = credentials.headerValue { headers.append(HTTPHeader("Authorization", value)) }
    }
    if request.access.tlsServerName != nil, url.scheme == "https", !isGiven("Host") {
      headers.append(HTTPHeader("Host", url.authority))
    }
    var lines: [String] = []
    for header in headers {
      guard isToken(header.name), !header.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 })
      else {
        throw refuse(
          "its header '\(header.name.prefix { !$0.isNewline })' holds characters that a "
            + "header may not hold")
      }
      // libcurl's way of writing a header that is there but empty.
      lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    // Without these, libcurl would call a body a web form, or ask before it sends a large one.
    if request.body != nil {
      if !isGiven("Content-Type") { lines.append("Content-Type:") }
      lines.append("Expect:")
    }
    return lines
  }

  /// Files that can't be opened are named here; libcurl's own messages differ by TLS library.
  private static func checkFiles(of access: HTTPAccess) throws(HTTPError) {
    for path in [access.caFile, access.certificateFile, access.keyFile].compactMap({ $0 }) {
      var facts = stat()
      guard Glibc.access(path, R_OK) == 0, stat(path, &facts) == 0 else {
        throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
      }
      // The TLS library would wait for a pipe for ever, and with it all transfers.
      guard facts.st_mode & S_IFMT == S_IFREG else {
        throw .unreadableFile(path: path, reason: "it is not a regular file")
      }
    }
  }

  /// Whether `text` is a token of RFC 9110 §5.6.2, as methods and header names are.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
