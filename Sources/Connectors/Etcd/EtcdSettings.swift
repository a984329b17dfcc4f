import HTTPTransport
import Invocation

/// Where etcd is and how to log in there.
public struct EtcdSettings: Sendable, Equatable {
  /// The base URLs of the cluster's members, in the order they are tried, without a slash at the
  /// end.
  public let endpoints: [String]
  /// The user to log in as; nil for an etcd without authentication.
  public var user: String?
  /// The password of ``user``.
  public var password: String
  /// TLS: the authority to trust, and a client certificate if etcd asks for one.
  public var access: HTTPAccess
  /// Limits of one request to one member.
  public var limits: HTTPLimits

  /// Checks and completes the endpoints.
  ///
  /// - Parameters:
  ///   - endpoints: as in `ETCD_ENDPOINTS`; one without a scheme (`host:2379`) is reached by
  ///     `http`. Empty entries are left out.
  ///   - limits: nil fields fall back to a few seconds, so that a dead member does not use up the
  ///     invocation's time, and to 1 MiB.
  /// - Throws: ``ConnectorError/misconfigured(_:)`` for no endpoint, one with another scheme, or
  ///   one with a password in it.
  public init(
    endpoints: [String], user: String? = nil, password: String = "",
    access: HTTPAccess = HTTPAccess(), limits: HTTPLimits = HTTPLimits()
  ) throws {
    self.endpoints = try endpoints.compactMap(Self.completed)
    guard !self.endpoints.isEmpty else {
      throw ConnectorError.misconfigured(
        "ETCD_ENDPOINTS names no endpoint; write for example 'http://etcd:2379', several of them separated by commas."
      )
    }
    self.user = user
    self.password = password
    self.access = access
    self.limits = limits
    self.limits.connectTimeoutSeconds = limits.connectTimeoutSeconds ?? 3
    self.limits.totalTimeoutSeconds = limits.totalTimeoutSeconds ?? 5
    self.limits.maximumBodyBytes = limits.maximumBodyBytes ?? 1 << 20
  }

  private static func completed(_ text: String) throws -> String? {
    var endpoint = text
    let isSpace = { (character: Character) in character.isWhitespace }
    endpoint.removeFirst(endpoint.prefix(while: isSpace).count)
    while let last = endpoint.last, last == "/" || isSpace(last) { endpoint.removeLast() }
    guard !endpoint.isEmpty else { return nil }
    if !endpoint.contains("://") { endpoint = "http://" + endpoint }
    guard !endpoint.contains("@") else {
      throw ConnectorError.misconfigured(
        "An etcd endpoint holds a user name or password; give them by the etcd user and password settings instead."
      )
    }
    let scheme = endpoint.lowercased()
    guard scheme.hasPrefix("http://") || scheme.hasPrefix("https://") else {
      throw ConnectorError.misconfigured(
        "The etcd endpoint '\(endpoint)' can't be used; it must start with http:// or https://.")
    }
    return endpoint
  }
}
