import Foundation
import Synchronization

/// A small HTTP server on the loopback interface that answers as a test tells it to: in time,
/// late, in pieces, or wrongly. It records the requests it got.
///
/// ```swift
/// let server = try StandInServer()
/// server.on("/metrics", .text("up 1\n"))
/// server.on("/api", .text("busy", status: 503), .text("ok"))  // in turn, the last one repeats
/// … server.url + "/metrics" …
/// ```
public final class StandInServer: Sendable {
  /// A request as it arrived.
  public struct Request: Sendable {
    /// The method.
    public let method: String
    /// Path and query as sent.
    public let target: String
    /// Names and values in the order sent.
    public let headers: [(name: String, value: String)]
    /// The body.
    public let body: [UInt8]
    /// The connection it came on, counted from 1.
    public let connection: Int

    /// Creates a request that came on no connection.
    public init(
      method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]
    ) {
      self.init(method: method, target: target, headers: headers, body: body, connection: 0)
    }

    init(
      method: String, target: String, headers: [(name: String, value: String)], body: [UInt8],
      connection: Int
    ) {
      self.method = method
      self.target = target
      self.headers = headers
      self.body = body
      self.connection = connection
    }

    /// The target up to the query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first header called `name`, compared case-insensitively.
    public func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
  }

  /// What the server does with a request.
  public indirect enum Answer: Sendable, CustomStringConvertible {
    /// A proper answer with a `Content-Length`; the connection stays open.
    case proper(status: Int, headers: [(String, String)], body: [UInt8])
    /// A proper answer whose body comes in chunks.
    case chunks(status: Int, headers: [(String, String)], chunks: [[UInt8]])
    /// Exactly these bytes, then the connection is closed.
    case raw([UInt8])
    /// Exactly these bytes, then only the server's side of the connection is closed.
    case halfClosed([UInt8])
    /// These bytes one at a time with a pause in between.
    case drip([UInt8], everyMilliseconds: Int)
    /// Another answer once the gate is open.
    case after(Gate, Answer)
    /// Nothing, until the client gives up.
    case silence
    /// Nothing, and the connection is closed.
    case hangUp

    /// The kind of answer in a word or two, so that it reads well as a test's argument.
    public var description: String {
      switch self {
      case .proper(let status, _, let body): "proper \(status) of \(body.count) bytes"
      case .chunks(let status, _, let chunks): "\(status) in \(chunks.count) chunks"
      case .raw(let bytes): "raw \(bytes.count) bytes"
      case .halfClosed(let bytes): "half-closed after \(bytes.count) bytes"
      case .drip(let bytes, let milliseconds): "\(bytes.count) bytes, one every \(milliseconds) ms"
      case .after(_, let answer): "after a gate: \(answer)"
      case .silence: "silence"
      case .hangUp: "hang up"
      }
    }

    /// A text.
    public static func text(
      _ text: String, status: Int = 200, headers: [(String, String)] = []
    ) -> Answer {
      .proper(status: status, headers: headers, body: Array(text.utf8))
    }

    /// A text of the type `application/json`.
    public static func json(_ text: String, status: Int = 200) -> Answer {
      .text(text, status: status, headers: [("Content-Type", "application/json")])
    }

    /// A redirect.
    public static func redirect(to location: String, status: Int = 302) -> Answer {
      .text("", status: status, headers: [("Location", location)])
    }
  }

  /// Holds answers back until it is opened.
  public final class Gate: Sendable {
    private let state = Mutex(false)

    /// Creates a closed gate.
    public init() {}

    /// Whether answers pass.
    public var isOpen: Bool { state.withLock { $0 } }

    /// Lets the answers pass, now and later.
    public func open() { state.withLock { $0 = true } }
  }

  /// The port it listens on.
  public let port: UInt16
  /// `http://host:port`, without a slash at the end.
  public let url: String
  private let core: StandInCore

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - host: `127.0.0.1` or `::1`.
  ///   - port: the port to listen on; nil for any free one.
  ///   - answer: answers requests for paths that ``on(_:_:)`` doesn't name; by default with 404.
  public init(
    host: String = "127.0.0.1", port: UInt16? = nil,
    answer: @escaping @Sendable (Request) -> Answer = { _ in .text("not found\n", status: 404) }
  ) throws {
    self.port = try port ?? FreePort.next()
    url = host.contains(":") ? "http://[\(host)]:\(self.port)" : "http://\(host):\(self.port)"
    core = StandInCore(answer: answer)
    try core.listen(host: host, port: self.port)
  }

  deinit { stop() }

  /// Answers requests for `path` with `answers` in turn; the last one repeats.
  public func on(_ path: String, _ answers: Answer...) {
    core.state.withLock { state in
      state.scripts[path] = answers
      state.served[path] = 0
    }
  }

  /// The requests that arrived whole, in that order.
  public var requests: [Request] { core.state.withLock { $0.requests } }

  /// The requests for `path`.
  public func requests(for path: String) -> [Request] { requests.filter { $0.path == path } }

  /// How many connections were accepted.
  public var acceptedConnections: Int { core.state.withLock { $0.accepted } }

  /// How many connections are open now.
  public var openConnections: Int { core.state.withLock { $0.connections.count } }

  /// Closes everything; open connections break off.
  public func stop() { core.stop() }
}
