import Foundation
import Synchronization
import TestSupport

/// Stands between the planner and a real server: counts the requests, and holds them or their
/// answers back as a test says.
final class Proxy: Sendable {
  /// What happens to a request on its way.
  enum Way: Sendable {
    /// It is passed on.
    case straight
    /// It is passed on once the gate is open.
    case held(StandInServer.Gate)
    /// It is passed on at once, but its answer is kept back until the gate is open.
    case answerHeld(StandInServer.Gate)
    /// It is passed on, and so is its answer, each after some milliseconds.
    case slow(milliseconds: UInt32)
    /// It never arrives; this is answered in the server's place.
    case replaced(StandInServer.Answer)
  }

  private let server: StandInServer
  private let isClosed = Flag()

  private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
  }

  /// Starts a proxy for the server on `port`.
  init(
    to port: UInt16, way: @escaping @Sendable (StandInServer.Request) -> Way = { _ in .straight }
  ) throws {
    let isClosed = isClosed
    server = try StandInServer { request in
      let message = LoopbackRequest(request)
      func passedOn() -> StandInServer.Answer {
        let answer = message.send(to: port)
        return answer.isEmpty ? .hangUp : .raw(answer)
      }
      switch way(request) {
      case .straight: return passedOn()
      case .held(let gate):
        while !gate.isOpen {
          if isClosed.isSet { return .hangUp }
          usleep(1000)
        }
        return passedOn()
      case .answerHeld(let gate): return .after(gate, passedOn())
      case .slow(let milliseconds):
        usleep(milliseconds * 1000)
        let answer = passedOn()
        usleep(milliseconds * 1000)
        return answer
      case .replaced(let answer): return answer
      }
    }
  }

  deinit { stop() }

  var endpoint: String { server.url }

  /// The requests that arrived whole, in that order.
  var requests: [StandInServer.Request] { server.requests }

  /// Waits until `count` requests for `path` have arrived.
  func waitForRequests(_ count: Int = 1, for path: String) async throws {
    try await waitUntil("\(count) requests for \(path) have arrived") {
      server.requests(for: path).count >= count
    }
  }

  /// Closes everything; whoever still waits for an answer gets none.
  func stop() {
    isClosed.set()
    server.stop()
  }
}
