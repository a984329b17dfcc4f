import Foundation
import Synchronization
import TestSupport

@testable import HTTPTransport

/// A client that pauses for next to nothing between attempts.
func makeClient(
  deadlineSeconds: Double = 50, limits: HTTPLimits = HTTPLimits(), random: Double = 0.5
) -> CurlHTTPClient {
  CurlHTTPClient(
    version: "1.2.3", deadlineSeconds: deadlineSeconds, limits: limits,
    retries: RetryPolicy(baseSeconds: 0.001), random: { random })
}

/// The error that `body` throws; nil if it throws none.
func httpError(_ body: () async throws(HTTPError) -> HTTPResponse) async -> HTTPError? {
  do throws(HTTPError) {
    _ = try await body()
    return nil
  } catch { return error }
}

/// A folder that goes away with this value.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/http-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file below the folder and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }
}

/// A client whose answers are made by the test.
final class ScriptedClient: HTTPClient {
  private let answer: @Sendable (HTTPRequest) throws(HTTPError) -> HTTPResponse

  init(_ answer: @escaping @Sendable (HTTPRequest) throws(HTTPError) -> HTTPResponse) {
    self.answer = answer
  }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    try answer(request)
  }
}

/// Counts 1, 2, 3, …
final class Counter: Sendable {
  private let state = Mutex(0)

  func next() -> Int {
    state.withLock { count in
      count += 1
      return count
    }
  }
}
