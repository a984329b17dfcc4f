import Foundation
import TestSupport

/// An HTTP request to a port on 127.0.0.1 over plain sockets, for threads that may block.
struct LoopbackRequest {
  private let bytes: [UInt8]

  /// - Parameter version: of HTTP; an answer to 1.0 does not come in chunks.
  init(_ method: String, _ target: String, version: String = "1.1") {
    bytes = Array(
      "\(method) \(target) HTTP/\(version)\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
  }

  /// The same request once more, on a connection of its own.
  init(_ request: StandInServer.Request) {
    let kept = request.headers.filter { $0.name.lowercased() != "connection" }
    let lines = kept.map { "\($0.name): \($0.value)\r\n" }.joined()
    let head = "\(request.method) \(request.target) HTTP/1.1\r\n\(lines)Connection: close\r\n\r\n"
    bytes = Array(head.utf8) + request.body
  }

  /// Sends it and returns the whole answer as it came, head and body; empty when there is none.
  func send(to port: UInt16) -> [UInt8] {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return [] }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return [] }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return [] }
      sent += count
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { return answer }
      answer += chunk[..<count]
    }
  }
}
