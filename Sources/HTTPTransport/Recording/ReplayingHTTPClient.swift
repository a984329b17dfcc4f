import Synchronization

/// Answers requests from a recording; it never touches the network.
///
/// The nth request with the same method, URL and body (credentials aside) gets the nth answer
/// recorded for it, and fails as the recorded one failed. Where only one was recorded, it is
/// given every time; where several were, a request beyond the last is
/// ``HTTPError/notRecorded(request:)``, because nobody knows how the series went on.
public final class ReplayingHTTPClient: HTTPClient {
  private struct Question: Hashable {
    var method: String
    var url: String
    var bodyHash: String?
  }

  private let answers: [Question: [Int: (RecordedAnswer, [UInt8])]]
  private let occurrences = Mutex<[Question: Int]>([:])

  /// Reads the whole recording in `directory`.
  ///
  /// - Throws: ``HTTPRecordingError`` when there is none, or one that can't be read.
  public init(directory: String) throws(HTTPRecordingError) {
    let recording = try HTTPRecording(openingIn: directory)
    var answers: [Question: [Int: (RecordedAnswer, [UInt8])]] = [:]
    for (answer, body) in try recording.answers() {
      let request = answer.request
      let question = Question(
        method: request.method, url: request.url, bodyHash: request.bodyHash)
      let previous = answers[question, default: [:]]
        .updateValue((answer, body), forKey: request.occurrence)
      guard previous == nil else {
        throw .corrupt(
          path: recording.path,
          reason: "it answers \(request.method) \(request.url) number \(request.occurrence) twice")
      }
    }
    self.answers = answers
  }

  /// The recorded outcome of `request`.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let key = RecordingKey(request, secrets: Credentials.secrets(of: request))
    let question = Question(method: key.method, url: key.url, bodyHash: key.bodyHash)
    let occurrence = occurrences.withLock { counts in
      counts[question, default: 0] += 1
      return counts[question, default: 1]
    }
    let series = answers[question] ?? [:]
    guard let (answer, body) = series[occurrence] ?? (series.count == 1 ? series[1] : nil) else {
      throw .notRecorded(request: key.shown)
    }
    if let error = answer.error { throw error.error(of: key) }
    guard let response = answer.response else { throw .notRecorded(request: key.shown) }
    return HTTPResponse(status: response.status, headers: response.headers, body: body)
  }
}
