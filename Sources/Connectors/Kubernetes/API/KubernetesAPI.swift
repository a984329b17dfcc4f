import HTTPTransport
import Invocation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Sends requests to one API server and turns its refusals into sentences.
///
/// Every request here may be sent twice (patches carry what they rest on, created objects carry
/// their names), so the HTTP client repeats them after lost connections, 429 and 502…504 with
/// backoff and `Retry-After`, within the invocation's deadline. A 500 (a webhook or etcd that
/// stumbled) is repeated here, so is a 401 once, with fresh credentials, and a 403 for some seconds:
/// an API server that has just started answers before it knows its roles.
public actor KubernetesAPI {
  /// How the server is reached.
  public nonisolated let access: KubernetesAccess

  private let client: any HTTPClient
  private var limits: HTTPLimits
  private let pluginSecondsAtMost: Double
  private let patienceSeconds: Double
  private let lateClient: (@Sendable () -> any HTTPClient)?
  private let pause: @Sendable (Double) async throws -> Void
  private var credentials: ExecCredentialPlugin.Credentials?

  private static let pausesAfterServerError = [0.2, 0.8]
  /// 8 s in all: measured on Kubernetes 1.36, roles are known some seconds after the first answer.
  private static let pausesAfterDenial = [0.5, 1, 1.5, 2, 3]

  /// Creates a session; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - limits: of each request; nil fields fall back to the client's.
  ///   - pluginSecondsAtMost: how long an exec plugin of the kubeconfig may take.
  ///   - patienceSeconds: how long a missing right is asked for again.
  ///   - lateClient: makes a client for what is to be sent although the time of `client` is up.
  ///   - pause: waits for so many seconds.
  public init(
    access: KubernetesAccess, client: any HTTPClient, limits: HTTPLimits = HTTPLimits(),
    pluginSecondsAtMost: Double = 30, patienceSeconds: Double = 8,
    lateClient: (@Sendable () -> any HTTPClient)? = nil,
    pause: @escaping @Sendable (Double) async throws -> Void = {
      try await Task.sleep(for: .seconds($0))
    }
  ) {
    self.access = access
    self.client = client
    self.limits = limits
    // etcd holds no object above 1.5 MiB; lists of them are short here.
    self.limits.maximumBodyBytes = limits.maximumBodyBytes ?? 8 << 20
    self.pluginSecondsAtMost = pluginSecondsAtMost
    self.patienceSeconds = patienceSeconds
    self.lateClient = lateClient
    self.pause = pause
  }

  /// Waits between two tries of something that another writer got in the way of.
  nonisolated func waitBeforeRetry(_ seconds: Double) async throws {
    do { try await pause(seconds) } catch {
      throw ConnectorError.unreachable("The invocation is being stopped.")
    }
  }

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - statuses: refusals that the caller deals with itself.
  ///   - isLate: whether it is sent even when the invocation's time is up.
  /// - Throws: ``ConnectorError`` for every other answer that is not 2xx.
  func send(
    _ call: KubernetesCall, accepting statuses: Set<Int> = [], isLate: Bool = false
  ) async throws -> HTTPResponse {
    var pauses = Self.pausesAfterServerError[...]
    var patience = denialPauses(for: call, isLate: isLate)
    var denial: ConnectorError?
    var mayRenewCredentials = access.plugin != nil || access.http.isTokenFromFile
    while true {
      let used = try await currentCredentials()
      let response: HTTPResponse
      do {
        response = try await exchange(call, used, isLate: isLate)
      } catch {
        // The time went by while a refusal was asked for again: the refusal is what counts.
        throw denial ?? error
      }
      switch response.status {
      case 200..<300: return response
      case let status where statuses.contains(status): return response
      case 401 where mayRenewCredentials:
        // A token file is read for every request; it may have been replaced this very moment.
        mayRenewCredentials = false
        if credentials?.token == used?.token { credentials = nil }
      case 500:
        guard let seconds = pauses.popFirst() else { throw refusal(call, response) }
        try await waitBeforeRetry(seconds)
      case 403:
        let refused = refusal(call, response)
        guard case .permissionDenied = refused, let seconds = patience.popFirst() else {
          throw refused
        }
        denial = refused
        try await waitBeforeRetry(seconds)
      default: throw refusal(call, response)
      }
    }
  }

  /// The pauses after which a missing right is asked for again; none for what a run does without.
  private func denialPauses(for call: KubernetesCall, isLate: Bool) -> ArraySlice<Double> {
    call.isBestEffort ? [] : isLate ? Self.pausesAfterDenial.prefix(2) : denialPauses
  }

  /// The pauses that fit into the patience.
  var denialPauses: ArraySlice<Double> {
    var left = patienceSeconds
    return Self.pausesAfterDenial.prefix { pause in
      left -= pause
      return left >= 0
    }
  }

  /// Sends a request and decodes the answer.
  ///
  /// - Throws: ``ConnectorError``; `unreachable` when the answer is not what it should be.
  func send<Answer: Decodable>(_ call: KubernetesCall, answering: Answer.Type) async throws
    -> Answer
  {
    try decode(Answer.self, from: try await send(call), of: call)
  }

  nonisolated func decode<Answer: Decodable>(
    _ type: Answer.Type, from response: HTTPResponse, of call: KubernetesCall
  ) throws -> Answer {
    do {
      return try JSONDecoder().decode(type, from: Data(response.body))
    } catch {
      let place =
        switch error as? DecodingError {
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?,
          .keyNotFound(_, let context)?:
          " (at '\(context.codingPath.map(\.stringValue).joined(separator: "."))')"
        default: ""
        }
      throw ConnectorError.unreachable(
        "\(describe(call)) was answered with something that is not the object asked for\(place): '\(response.text.prefix(120))'. Check that the URL is that of a Kubernetes API server."
      )
    }
  }

  private func currentCredentials() async throws -> ExecCredentialPlugin.Credentials? {
    if credentials == nil, let plugin = access.plugin {
      credentials = try await plugin.run(secondsAtMost: pluginSecondsAtMost)
    }
    return credentials
  }

  private func exchange(
    _ call: KubernetesCall, _ credentials: ExecCredentialPlugin.Credentials?, isLate: Bool
  ) async throws -> HTTPResponse {
    var http = access.http
    if let credentials {
      if let token = credentials.token { http.token = .value(token) }
      if let certificate = credentials.certificate, let key = credentials.key {
        http.certificateFile = certificate.path
        http.keyFile = key.path
      }
    }
    var headers = [HTTPHeader("Accept", call.accept)]
    if let body = call.body { headers.append(HTTPHeader("Content-Type", body.contentType)) }
    let request = HTTPRequest(
      call.verb.method, access.server + call.path, headers: headers, body: call.body?.bytes,
      isIdempotent: true, access: http, limits: limits)
    do {
      return try await transfer(request, isLate: isLate)
    } catch {
      // The longest path first: that of descriptor 6 is the beginning of that of 60.
      let files = (access.files + [credentials?.certificate, credentials?.key].compactMap { $0 })
        .sorted { $0.path.count > $1.path.count }
      let message = files.reduce("\(error)") { $0.replacing($1.path, with: $1.title) }
      switch error {
      case .invalidURL, .unreadableFile: throw ConnectorError.misconfigured(message)
      default:
        throw ConnectorError.unreachable("The Kubernetes API server can't be used: \(message)")
      }
    }
  }

  private func transfer(
    _ request: HTTPRequest, isLate: Bool
  ) async throws(HTTPError) -> HTTPResponse {
    do {
      return try await client.send(request)
    } catch {
      guard isLate, let lateClient, error.isOfTime else { throw error }
      return try await lateClient().send(request)
    }
  }

  nonisolated func describe(_ call: KubernetesCall) -> String {
    "\(call.verb.method) \(access.server)\(call.path)"
  }
}

extension HTTPError {
  /// Whether there was no answer for want of time.
  fileprivate var isOfTime: Bool {
    switch self {
    case .timedOut, .cancelled: true
    default: false
    }
  }
}

extension HTTPAccess {
  /// Whether another token may be found where the last one came from.
  fileprivate var isTokenFromFile: Bool { if case .file = token { true } else { false } }
}
