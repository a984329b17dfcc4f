import Dispatch
import Glibc
import Synchronization

/// Serves `/metrics` and `/healthz` as long as the invocation lives: `GET` only, one connection after the other,
/// in a thread of its own. Whatever a client does, the invocation neither waits nor fails.
public final class MetricsServer: Sendable {
  private struct State {
    var page: [UInt8] = []
    var health: RunHealth
    var isStopped = false
  }

  /// The port that is served: the one asked for, or the system's choice for 0.
  public let port: Int
  private let state: Mutex<State>
  private let listener: Int32

  /// Milliseconds that one client may take in all; the next one waits meanwhile.
  private static let patience = 2000
  private static let largestRequest = 8192

  /// Begins to serve, on every address of the host.
  ///
  /// - Parameter patienceSeconds: how long after one round the next has to have ended for
  ///   `/healthz` to call the run alive.
  /// - Throws: ``OwnMetricsError/noPort(_:reason:)`` when the port is in use or not permitted.
  public init(port: Int, patienceSeconds: Double = .infinity) throws(OwnMetricsError) {
    state = Mutex(State(health: RunHealth(patienceSeconds: patienceSeconds, beganAt: .now)))
    guard let number = UInt16(exactly: port) else {
      throw .noPort(port, reason: "there is no such port")
    }
    let listener: Int32
    do {
      listener = try Self.listen(number)
    } catch {
      throw .noPort(port, reason: error.reason)
    }
    self.listener = listener
    self.port = Self.boundPort(listener)
    DispatchQueue(label: "metrics-server").async { self.serve() }
  }

  /// Whether there is no page yet.
  var isBlank: Bool { state.withLock { $0.page.isEmpty } }

  /// Replaces the page.
  public func publish(_ page: MetricsPage) {
    let bytes = Array(page.text.utf8)
    state.withLock { $0.page = bytes }
  }

  /// Notes what a round came to.
  func roundEnded(_ outcome: String) {
    state.withLock { $0.health.roundEnded(outcome, at: .now) }
  }

  /// Stops serving. Does not wait for a client that is being answered.
  public func stop() {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      // Wakes the thread, which closes it: a number closed here might be in use again.
      shutdown(listener, Int32(SHUT_RDWR))
    }
  }

  private func serve() {
    while !state.withLock({ $0.isStopped }) {
      let client = accept(listener, nil, nil)
      guard client >= 0 else {
        // Out of descriptors, for one: not worth a busy loop.
        if errno != EINTR && errno != ECONNABORTED { usleep(20_000) }
        continue
      }
      // A credential plugin that starts right now would keep the connection open until it ends.
      _ = fcntl(client, F_SETFD, FD_CLOEXEC)
      answer(client)
      close(client)
    }
    close(listener)
  }

  private func answer(_ client: Int32) {
    let end = ContinuousClock.now + .milliseconds(Self.patience)
    guard let request = Self.readRequest(client, until: end) else { return }
    let words = request.split(separator: " ", omittingEmptySubsequences: false)
    let path = words.count == 3 ? words[1].prefix { $0 != "?" } : ""
    let page = state.withLock { $0.page }
    switch (words.first, path) {
    case (_, "") where words.count != 3: send(client, "400 Bad Request", [], until: end)
    case ("GET", "/metrics"): send(client, "200 OK", page, until: end)
    case ("GET", "/healthz"):
      let (isAlive, text) = state.withLock { $0.health.answer(at: .now) }
      let status = isAlive ? "200 OK" : "503 Service Unavailable"
      send(client, status, Array((text + "\n").utf8), until: end)
    case ("GET", _):
      send(client, "404 Not Found", Array("Try /metrics or /healthz.\n".utf8), until: end)
    default: send(client, "405 Method Not Allowed\r\nAllow: GET", [], until: end)
    }
  }

  /// The first line of the request, once its header is complete; nil when it does not come in time
  /// or is too long.
  private static func readRequest(_ client: Int32, until end: ContinuousClock.Instant) -> String? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 2048)
    while bytes.count < largestRequest, wait(client, POLLIN, until: end) {
      let count = recv(client, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
      if bytes.firstRange(of: Array("\r\n\r\n".utf8)) != nil {
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
      }
    }
    return nil
  }

  private func send(
    _ client: Int32, _ status: String, _ body: [UInt8], until end: ContinuousClock.Instant
  ) {
    let head =
      "HTTP/1.1 \(status)\r\nContent-Type: \(MetricsPage.contentType)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    let bytes = Array(head.utf8) + body
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    var sent = 0
    while sent < bytes.count, Self.wait(client, POLLOUT, until: end) {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(client, $0.baseAddress, $0.count, flags)
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Waits until the socket is ready; false when the time is up.
  private static func wait(
    _ socket: Int32, _ event: Int32, until end: ContinuousClock.Instant
  ) -> Bool {
    let left = ContinuousClock.now.duration(to: end).components
    let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
    guard milliseconds > 0 else { return false }
    var poll = pollfd(fd: socket, events: Int16(event), revents: 0)
    return Glibc.poll(&poll, 1, Int32(milliseconds)) > 0
  }
}
