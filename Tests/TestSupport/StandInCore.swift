import Foundation
import Synchronization

/// The sockets and threads of a ``StandInServer``: one thread accepts, one serves each connection.
final class StandInCore: Sendable {
  struct State {
    var scripts: [String: [StandInServer.Answer]] = [:]
    var served: [String: Int] = [:]
    var requests: [StandInServer.Request] = []
    var accepted = 0
    /// The sockets of the open connections by number.
    var connections: [Int: Int32] = [:]
    var listener: Int32 = -1
    var isStopped = false
  }

  struct ListenError: Error { let reason: String }

  let state = Mutex(State())
  private let answer: @Sendable (StandInServer.Request) -> StandInServer.Answer

  init(answer: @escaping @Sendable (StandInServer.Request) -> StandInServer.Answer) {
    self.answer = answer
  }

  func listen(host: String, port: UInt16) throws {
    let isIPv6 = host.contains(":")
    let family = isIPv6 ? AF_INET6 : AF_INET
    let kind =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let listener = socket(family, kind, 0)
    guard listener >= 0 else { throw ListenError(reason: String(cString: strerror(errno))) }
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let isBound =
      isIPv6 ? Self.bindIPv6(listener, host, port) : Self.bindIPv4(listener, host, port)
    guard isBound, Glibc.listen(listener, 128) == 0 else {
      let reason = String(cString: strerror(errno))
      close(listener)
      throw ListenError(reason: "\(host):\(port): \(reason)")
    }
    state.withLock { $0.listener = listener }
    Thread.detachNewThread { self.acceptAll(listener) }
  }

  func stop() {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      // Their own threads close them: a number closed here might be in use again.
      shutdown(state.listener, Int32(SHUT_RDWR))
      for connection in state.connections.values { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  /// The answer that the scripts give to `request`, which is recorded.
  func take(_ request: StandInServer.Request) -> StandInServer.Answer {
    let scripted = state.withLock { state -> StandInServer.Answer? in
      state.requests.append(request)
      guard let answers = state.scripts[request.path], !answers.isEmpty else { return nil }
      let turn = state.served[request.path, default: 0]
      state.served[request.path] = turn + 1
      return answers[min(turn, answers.count - 1)]
    }
    return scripted ?? answer(request)
  }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  private func acceptAll(_ listener: Int32) {
    while true {
      guard let socket = acceptOne(listener) else {
        if isStopped { break }
        continue
      }
      let number = state.withLock { state -> Int? in
        guard !state.isStopped else { return nil }
        state.accepted += 1
        state.connections[state.accepted] = socket
        return state.accepted
      }
      guard let number else {
        close(socket)
        break
      }
      Thread.detachNewThread {
        StandInConnection(socket: socket, number: number, core: self).serve()
        _ = self.state.withLock { $0.connections.removeValue(forKey: number) }
        close(socket)
      }
    }
    close(listener)
  }

  /// Waits for a connection; nil when there was none after all.
  private func acceptOne(_ listener: Int32) -> Int32? {
    var event = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    guard poll(&event, 1, -1) > 0 else { return nil }
    // A child process started in between would keep the connection open.
    return ChildProcess.spawning.withLock { _ in
      let socket = accept(listener, nil, nil)
      guard socket >= 0 else { return nil }
      _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
      // Some systems hand the listener's mode down.
      _ = fcntl(socket, F_SETFL, 0)
      return socket
    }
  }

  private static func bindIPv4(_ listener: Int32, _ host: String, _ port: UInt16) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
    return bind(listener, &address)
  }

  private static func bindIPv6(_ listener: Int32, _ host: String, _ port: UInt16) -> Bool {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return false }
    return bind(listener, &address)
  }

  private static func bind<Address>(_ listener: Int32, _ address: inout Address) -> Bool {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(listener, $0, socklen_t(MemoryLayout<Address>.size)) == 0
      }
    }
  }
}
