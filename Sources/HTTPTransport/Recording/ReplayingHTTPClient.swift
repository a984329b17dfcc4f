/// Answers requests from a recording; it never touches the network.
///
/// The nth request with the same method, URL and body (credentials aside) gets the nth answer
/// recorded for it, and fails as the recorded one failed. Where only one was recorded, it is
/// given every time; where several were, a request beyond the last is
/// ``HTTPError/notRecorded(request:)``, because nobody knows how the series went on.
public final class ReplayingHTTPClient: HTTPClient {
  private let answers: [RecordingKey: [Int: (RecordedAnswer, [UInt8])]]
  private let occurrences = Occurrences()

  /// Reads the whole recording in `directory`.
  ///
  /// - Throws: ``HTTPRecordingError`` when there is none, or one that can't be read.
  public init(directory: String) throws(HTTPRecordingError) {
    let recording = try HTTPRecording(openingIn: directory)
    var answers: [RecordingKey: [Int: (RecordedAnswer, [UInt8])]] = [:]
    for (answer, body) in try recording.answers() {
      let key = RecordingKey(answer.request)
      let occurrence = answer.request.occurrence
      let previous = answers[key, default: [:]].updateValue((answer, body), forKey: occurrence)
      guard previous == nil else {
        throw .corrupt(
          path: recording.path,
          reason: "it answers \(key.shown) number \(occurrence) twice")
      }
    }
    self.answers = answers
  }

  /// The recorded outcome of `request`.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let key = RecordingKey(request)
    let occurrence = occurrences.next(of: key)
    let series = answers[key] ?? [:]
    guard let (answer, body) = series[occurrence] ?? (series.count == 1 ? series[1] : nil) else {
      throw .notRecorded(request: key.shown)
    }
    if let error = answer.error { throw error.error(of: key) }
    guard let response = answer.response else { throw .notRecorded(request: key.shown) }
    return HTTPResponse(status: response.status, headers: response.headers, body: body)
  }
}
