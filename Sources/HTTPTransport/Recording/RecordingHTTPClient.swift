import Synchronization

/// Sends requests with another client and saves what came back, without credentials.
///
/// Retries happen inside the client it wraps, so only what the caller saw is recorded. An answer
/// that can't be saved is still returned; ``failure`` then says why the recording is incomplete.
public final class RecordingHTTPClient: HTTPClient {
  private let client: any HTTPClient
  private let recording: HTTPRecording
  private let occurrences = Occurrences()
  private let firstFailure = Mutex<HTTPRecordingError?>(nil)

  /// Starts a recording.
  ///
  /// - Parameters:
  ///   - client: what sends the requests.
  ///   - directory: the recording's directory; made if it does not exist. The answers go to its
  ///     folder ``HTTPRecording/folder``, which must be empty or absent.
  /// - Throws: ``HTTPRecordingError`` when the folder is occupied or can't be written.
  public init(
    wrapping client: any HTTPClient, directory: String
  ) throws(HTTPRecordingError) {
    self.client = client
    recording = try HTTPRecording(creatingIn: directory)
  }

  /// Why the recording lacks an answer; nil while it is complete.
  public var failure: HTTPRecordingError? { firstFailure.withLock { $0 } }

  /// Sends `request` and records the outcome.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let secrets = Credentials.secrets(of: request)
    let key = RecordingKey(request)
    // Numbered when it is sent: answers may come in another order.
    let occurrence = occurrences.next(of: key)
    var answer = RecordedAnswer(
      request: .init(
        method: key.method, url: key.url, bodyHash: key.bodyHash,
        body: RecordingKey.readableBody(request), occurrence: occurrence))
    do throws(HTTPError) {
      let response = try await client.send(request)
      let body = Redaction.scrubbed(JSONRedaction.redact(response.body), of: secrets)
      answer.response = .init(
        status: response.status, headers: Redaction.headers(response.headers, secrets: secrets),
        bodyBytes: body.count)
      save(answer, body: body, named: key.fileName(occurrence))
      return response
    } catch {
      answer.error = RecordedError(error, secrets: secrets)
      save(answer, body: [], named: key.fileName(occurrence))
      throw error
    }
  }

  private func save(_ answer: RecordedAnswer, body: [UInt8], named name: String) {
    do throws(HTTPRecordingError) {
      try recording.add(answer, body: body, named: name)
    } catch {
      firstFailure.withLock { $0 = $0 ?? error }
    }
  }
}
