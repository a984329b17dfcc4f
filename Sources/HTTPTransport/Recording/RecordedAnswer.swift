/// One file of a recording: a request and what came back.
struct RecordedAnswer: Codable, Sendable {
  /// Which request this answers.
  struct Request: Codable, Sendable {
    var method: String
    var url: String
    /// See ``RecordingKey/bodyHash``; absent without a body.
    var bodyHash: String?
    /// The body for people to read; absent when it is long or not text.
    var body: String?
    /// 1 for the first request with this method, URL and body, 2 for the next, …
    var occurrence: Int
  }

  /// An answer of any status.
  struct Response: Codable, Sendable {
    var status: Int
    var headers: [HTTPHeader]
    /// The file with the body, in the same folder; absent when the body is empty.
    var bodyFile: String?
    var bodyBytes: Int
  }

  var request: Request
  /// Absent when there was no answer; then ``error`` says why.
  var response: Response?
  var error: RecordedError?
}

/// An ``HTTPError`` without the name of the request, which stands beside it.
struct RecordedError: Codable, Sendable {
  enum Kind: String, Codable, Sendable {
    case invalidURL = "invalid-url"
    case unreadableFile = "unreadable-file"
    case failed
    case timedOut = "timed-out"
    case tooLarge = "too-large"
    case untrusted
    case cancelled
    case notRecorded = "not-recorded"
  }

  var kind: Kind
  var reason: String?
  var path: String?
  var seconds: Double?
  var limitBytes: Int?

  init(_ error: HTTPError, secrets: [String]) {
    func scrubbed(_ text: String) -> String { Redaction.scrubbed(text, of: secrets) }
    switch error {
    case .invalidURL(_, let reason):
      kind = .invalidURL
      self.reason = scrubbed(reason)
    case .unreadableFile(let path, let reason):
      kind = .unreadableFile
      self.path = path
      self.reason = scrubbed(reason)
    case .failed(_, let reason):
      kind = .failed
      self.reason = scrubbed(reason)
    case .timedOut(_, let seconds):
      kind = .timedOut
      self.seconds = seconds
    case .tooLarge(_, let limitBytes):
      kind = .tooLarge
      self.limitBytes = limitBytes
    case .untrusted(_, let reason):
      kind = .untrusted
      self.reason = scrubbed(reason)
    case .cancelled: kind = .cancelled
    case .notRecorded: kind = .notRecorded
    }
  }

  /// The error as the request called `request` met it.
  func error(of key: RecordingKey) -> HTTPError {
    let reason = reason ?? "no reason recorded"
    return switch kind {
    case .invalidURL: .invalidURL(key.url, reason: reason)
    case .unreadableFile: .unreadableFile(path: path ?? "", reason: reason)
    case .failed: .failed(request: key.shown, reason: reason)
    case .timedOut: .timedOut(request: key.shown, seconds: seconds ?? 0)
    case .tooLarge: .tooLarge(request: key.shown, limitBytes: limitBytes ?? 0)
    case .untrusted: .untrusted(request: key.shown, reason: reason)
    case .cancelled: .cancelled(request: key.shown)
    case .notRecorded: .notRecorded(request: key.shown)
    }
  }
}
