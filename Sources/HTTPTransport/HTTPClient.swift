/// Sends HTTP requests. Implementations: libcurl, a recorder around another client, a replayer.
public protocol HTTPClient: Sendable {
  /// Sends `request` and returns the answer, whatever its status.
  ///
  /// - Throws: ``HTTPError`` when there is no answer to return.
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

/// One HTTP request.
public struct HTTPRequest: Sendable, Equatable {
  /// The method, upper case.
  public var method: String
  /// The absolute URL, with the query already encoded. Credentials don't belong here.
  public var url: String
  /// Header fields in the order they are sent.
  public var headers: [HTTPHeader]
  /// The body; nil for none.
  public var body: [UInt8]?
  /// Whether sending it twice does no harm: only then is it sent again after a failure.
  public var isIdempotent: Bool
  /// How the client authenticates and whom it trusts.
  public var access: HTTPAccess
  /// Limits of this request; nil fields fall back to the client's.
  public var limits: HTTPLimits

  /// Creates a request; `isIdempotent` defaults to what the method promises (RFC 9110 §9.2.2).
  public init(
    _ method: String = "GET", _ url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
    isIdempotent: Bool? = nil, access: HTTPAccess = HTTPAccess(), limits: HTTPLimits = HTTPLimits()
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.isIdempotent =
      isIdempotent ?? ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
    self.access = access
    self.limits = limits
  }
}

/// One header field.
public struct HTTPHeader: Sendable, Equatable, Codable {
  /// The field's name, as sent.
  public var name: String
  /// The field's value.
  public var value: String

  /// Creates a header field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// How a client authenticates to one server and whom it trusts.
public struct HTTPAccess: Sendable, Equatable {
  /// Where a bearer token comes from.
  public enum Token: Sendable, Equatable {
    /// The token itself.
    case value(String)
    /// A file that holds it, read for every request (Kubernetes rotates them).
    case file(String)
  }

  /// Sent as `Authorization: Bearer …`.
  public var token: Token?
  /// User name and password for HTTP basic authentication.
  public var user: String?
  /// The password that belongs to ``user``.
  public var password: String?
  /// File with the certificate authorities to trust, PEM; nil for the system's.
  public var caFile: String?
  /// File with the client's certificate, PEM.
  public var certificateFile: String?
  /// File with the key of the client's certificate, PEM.
  public var keyFile: String?
  /// Turns the verification of the server's certificate off. Only ever on the user's explicit wish.
  public var skipsTLSVerification: Bool
  /// Header fields of every request to the server, besides the request's own (a tenant's name).
  public var headers: [HTTPHeader]
  /// Name to verify the certificate against and to send as SNI instead of the URL's host.
  public var tlsServerName: String?

  /// Creates an access without any credentials that trusts the system's authorities.
  public init(
    token: Token? = nil, user: String? = nil, password: String? = nil, caFile: String? = nil,
    certificateFile: String? = nil, keyFile: String? = nil, skipsTLSVerification: Bool = false,
    tlsServerName: String? = nil, headers: [HTTPHeader] = []
  ) {
    self.token = token
    self.user = user
    self.password = password
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.skipsTLSVerification = skipsTLSVerification
    self.tlsServerName = tlsServerName
    self.headers = headers
  }
}

/// Limits of one request; nil means the client's own default.
public struct HTTPLimits: Sendable, Equatable {
  /// Seconds until the connection (with TLS) must stand.
  public var connectTimeoutSeconds: Double?
  /// Seconds until the whole answer must be there, per attempt.
  public var totalTimeoutSeconds: Double?
  /// Largest answer accepted, in bytes, after decompression.
  public var maximumBodyBytes: Int?
  /// Attempts in all, at least 1.
  public var attempts: Int?

  /// Creates limits.
  public init(
    connectTimeoutSeconds: Double? = nil, totalTimeoutSeconds: Double? = nil,
    maximumBodyBytes: Int? = nil, attempts: Int? = nil
  ) {
    self.connectTimeoutSeconds = connectTimeoutSeconds
    self.totalTimeoutSeconds = totalTimeoutSeconds
    self.maximumBodyBytes = maximumBodyBytes
    self.attempts = attempts
  }
}

/// An HTTP answer of any status.
public struct HTTPResponse: Sendable {
  /// The status code, 100…599.
  public var status: Int
  /// Header fields in the order received.
  public var headers: [HTTPHeader]
  /// The body, decompressed.
  public var body: [UInt8]
  /// What the body holds of its client's allowance.
  var share: BodyAllowance.Share?

  /// Creates an answer.
  public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The value of the first header field called `name`, compared case-insensitively.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The body as text, invalid bytes replaced.
  public var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPResponse: Equatable {
  /// Whether both say the same.
  public static func == (one: HTTPResponse, other: HTTPResponse) -> Bool {
    one.status == other.status && one.headers == other.headers && one.body == other.body
  }
}

/// Why there is no answer. Every message names the method and the URL without credentials.
public enum HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The URL can't be used (not http or https, not parseable).
  case invalidURL(String, reason: String)
  /// A file that the request needs (token, CA, certificate) can't be read.
  case unreadableFile(path: String, reason: String)
  /// Name resolution, connection, TLS or protocol failed.
  case failed(request: String, reason: String)
  /// The answer did not come within the request's or the invocation's time.
  case timedOut(request: String, seconds: Double)
  /// The answer is larger than allowed, by itself or together with the others of the run.
  case tooLarge(request: String, limitBytes: Int)
  /// The server's certificate could not be verified.
  case untrusted(request: String, reason: String)
  /// The invocation is being stopped.
  case cancelled(request: String)
  /// A replay holds no answer for this request.
  case notRecorded(request: String)

  /// What happened and what to do, as a sentence.
  public var description: String {
    switch self {
    case .invalidURL(let url, let reason):
      "'\(url)' is not a usable URL: \(reason)."
    case .unreadableFile(let path, let reason):
      "The file '\(path)' can't be read: \(reason)."
    case .failed(let request, let reason):
      "\(request) failed: \(reason)."
    case .timedOut(let request, let seconds):
      "\(request) gave no complete answer within \(seconds) s."
    case .tooLarge(let request, let limitBytes):
      "\(request) answered with more than fits into the \(limitBytes) bytes allowed."
    case .untrusted(let request, let reason):
      "\(request): the server's certificate is not trusted: \(reason). Name its authority with a CA file."
    case .cancelled(let request):
      "\(request) was given up because the invocation is being stopped."
    case .notRecorded(let request):
      "\(request) is not in the recording; replay with the settings it was recorded with, and without --state unless that is a copy of the state of then."
    }
  }
}
