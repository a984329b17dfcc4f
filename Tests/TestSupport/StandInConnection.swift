import Foundation

/// Reads the requests of one connection and writes the answers. Confined to its thread.
final class StandInConnection {
  private let socket: Int32
  private let number: Int
  private let core: StandInCore
  private var unread: [UInt8] = []

  init(socket: Int32, number: Int, core: StandInCore) {
    self.socket = socket
    self.number = number
    self.core = core
  }

  /// Serves until either side closes the connection.
  func serve() {
    while let request = readRequest(), send(core.take(request), to: request) {}
  }

  /// Sends `answer`; false when the connection is to be closed.
  private func send(_ answer: StandInServer.Answer, to request: StandInServer.Request) -> Bool {
    switch answer {
    case .proper(let status, let headers, let body):
      let length = ("Content-Length", "\(body.count)")
      return write(Self.head(status, headers + [length]) + (request.method == "HEAD" ? [] : body))
    case .chunks(let status, let headers, let chunks):
      guard write(Self.head(status, headers + [("Transfer-Encoding", "chunked")])) else {
        return false
      }
      for chunk in chunks + [[]] {
        let size = Array((String(chunk.count, radix: 16) + "\r\n").utf8)
        guard write(size + chunk + Array("\r\n".utf8)) else { return false }
      }
      return true
    case .raw(let bytes):
      _ = write(bytes)
      return false
    case .halfClosed(let bytes):
      _ = write(bytes)
      shutdown(socket, Int32(SHUT_WR))
      waitForClient()
      return false
    case .drip(let bytes, let milliseconds):
      for byte in bytes {
        guard write([byte]), !core.isStopped else { return false }
        usleep(UInt32(milliseconds) * 1000)
      }
      return true
    case .after(let gate, let answer):
      while !gate.isOpen {
        if core.isStopped { return false }
        usleep(1000)
      }
      return send(answer, to: request)
    case .silence:
      waitForClient()
      return false
    case .hangUp: return false
    }
  }

  private static func head(_ status: Int, _ headers: [(String, String)]) -> [UInt8] {
    let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
    return Array("HTTP/1.1 \(status) Scripted\r\n\(lines)\r\n".utf8)
  }

  private func readRequest() -> StandInServer.Request? {
    let end = Array("\r\n\r\n".utf8)
    var headEnd = unread.firstRange(of: end)
    while headEnd == nil {
      // What doesn't begin with a method (TLS, for one) would never come to the end of a header.
      guard readMore(), let first = unread.first, first >= 0x41
      else { return nil }
      headEnd = unread.firstRange(of: end)
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: unread[..<headEnd.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      return (String(line[..<colon]), value)
    }
    unread.removeSubrange(..<headEnd.upperBound)
    let announced = headers.first { $0.name.lowercased() == "content-length" }
    let length = announced.flatMap { Int($0.value) } ?? 0
    while unread.count < length { guard readMore() else { return nil } }
    let body = Array(unread[..<length])
    unread.removeSubrange(..<length)
    return StandInServer.Request(
      method: String(words[0]), target: String(words[1]), headers: headers, body: body,
      connection: number)
  }

  private func readMore() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { return false }
    unread += chunk[..<count]
    return true
  }

  private func waitForClient() {
    while readMore() {}
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}
