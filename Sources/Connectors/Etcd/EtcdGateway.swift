import HTTPTransport
import Invocation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Talks to etcd's v3 JSON gateway: goes from member to member until one answers, stays with that
/// one, and logs in when a user is set.
actor EtcdGateway {
  /// An answer, and whether an earlier member may have carried the request out as well.
  struct Reply<Answer: Sendable>: Sendable {
    var answer: Answer
    var mayHaveRunBefore: Bool
  }

  /// What is remembered of one request while it goes from member to member.
  private struct Attempts {
    var failures: [String] = []
    var mayHaveRun = false
  }

  private struct TokenInvalid: Error {
    var message: String
  }

  private let settings: EtcdSettings
  private let client: any HTTPClient
  /// The prefix that the planner's user needs a permission for.
  private let keys: String
  /// Index of the member that answered last.
  private var preferred = 0
  private var token: String?
  private var isLoggedIn = false

  init(settings: EtcdSettings, client: any HTTPClient, keys: String) {
    self.settings = settings
    self.client = client
    self.keys = keys
  }

  /// Sends one request.
  ///
  /// - Parameter isIdempotent: whether the HTTP client may send it twice by itself.
  /// - Throws: ``ConnectorError``. After `unreachable` it is unknown whether the request ran.
  func post<Answer: Decodable & Sendable>(
    _ path: String, _ message: some Encodable, isIdempotent: Bool, answering: Answer.Type
  ) async throws -> Reply<Answer> {
    let body = try jsonBody(message)
    var attempts = Attempts()
    try await logInIfNeeded()
    do {
      return try await send(path, body, isIdempotent, &attempts)
    } catch is TokenInvalid {
      // Tokens expire, and every change of a user or role makes them invalid.
      isLoggedIn = false
      try await logInIfNeeded()
    }
    do {
      return try await send(path, body, isIdempotent, &attempts)
    } catch let refusal as TokenInvalid {
      throw ConnectorError.permissionDenied(
        "etcd refuses the token that it just gave user '\(settings.user ?? "")' (\(refusal.message)). Check that all endpoints belong to one cluster."
      )
    }
  }

  private func logInIfNeeded() async throws {
    guard let user = settings.user, !isLoggedIn else { return }
    token = nil
    var attempts = Attempts()
    let body = try jsonBody(EtcdLogin(name: user, password: settings.password))
    do {
      let reply: Reply<EtcdLoginAnswer> = try await send(
        "/v3/auth/authenticate", body, true, &attempts)
      token = reply.answer.token
    } catch is EtcdAuthenticationOff {
      // A user may be configured before authentication is turned on; etcd's own clients go on too.
    } catch let refusal as TokenInvalid {
      throw ConnectorError.permissionDenied(
        "etcd does not let user '\(user)' log in (\(refusal.message)).")
    }
    isLoggedIn = true
  }

  /// Tries the members in turn, beginning with the one that answered last.
  private func send<Answer: Decodable & Sendable>(
    _ path: String, _ body: [UInt8], _ isIdempotent: Bool, _ attempts: inout Attempts
  ) async throws -> Reply<Answer> {
    let first = preferred
    for offset in settings.endpoints.indices {
      let index = (first + offset) % settings.endpoints.count
      let endpoint = settings.endpoints[index]
      do {
        let response = try await client.send(request(endpoint + path, body, isIdempotent))
        switch try verdict(on: response, from: endpoint) {
        case .answered:
          if let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) {
            preferred = index
            return Reply(answer: answer, mayHaveRunBefore: attempts.mayHaveRun)
          }
          attempts.failures.append(
            "\(endpoint)\(path) answered with something that is not etcd's: \(excerpt(response)).")
          attempts.mayHaveRun = true
        case .unavailable(let reason):
          attempts.failures.append(reason)
          attempts.mayHaveRun = true
        }
      } catch let error as HTTPError {
        try Self.giveUpAtOnce(on: error)
        attempts.failures.append("\(error)")
        attempts.mayHaveRun = true
      }
    }
    throw ConnectorError.unreachable(
      "No etcd endpoint gave a usable answer. \(attempts.failures.joined(separator: " ")) Check ETCD_ENDPOINTS and that etcd is running."
    )
  }

  private enum Verdict {
    case answered
    case unavailable(String)
  }

  /// Sorts the answer's status: usable, a reason to try the next member, or a refusal (thrown).
  private func verdict(on response: HTTPResponse, from endpoint: String) throws -> Verdict {
    if response.status == 200 { return .answered }
    let refusal = try? JSONDecoder().decode(EtcdRefusal.self, from: Data(response.body))
    let message = refusal?.message ?? refusal?.error ?? excerpt(response)
    switch (response.status, refusal?.code) {
    case (429, _), (500..., _):
      return .unavailable("\(endpoint) answered \(response.status): \(message).")
    case (401, _), (_, 16):
      throw TokenInvalid(message: message)
    case _ where message.contains("auth store is old"):
      throw TokenInvalid(message: message)
    case (403, _), (_, 7):
      throw ConnectorError.permissionDenied(
        "etcd does not allow \(settings.user.map { "user '\($0)'" } ?? "access without a user") to read and write the planner's keys (\(message)). Grant its role 'readwrite' on the prefix '\(keys)'."
      )
    case _ where message.contains("authentication is not enabled"):
      throw EtcdAuthenticationOff()
    case _ where message.contains("authentication failed"):
      throw ConnectorError.permissionDenied(
        "etcd refuses the password of user '\(settings.user ?? "")' (\(message)). Correct the etcd user and password settings."
      )
    case _ where message.contains("user name is empty"):
      throw ConnectorError.permissionDenied(
        "etcd asks for a user (\(message)). Set the etcd user and password settings.")
    case (404, _):
      throw ConnectorError.misconfigured(
        "'\(endpoint)' has no etcd v3 JSON gateway (404). Name etcd 3.4 or newer in ETCD_ENDPOINTS, started with --enable-grpc-gateway."
      )
    default:
      throw ConnectorError.unreachable(
        "\(endpoint) refused the planner's request with \(response.status): \(message).")
    }
  }

  private func request(_ url: String, _ body: [UInt8], _ isIdempotent: Bool) -> HTTPRequest {
    var headers = [HTTPHeader("Content-Type", "application/json")]
    if let token { headers.append(HTTPHeader("Authorization", token)) }
    var limits = settings.limits
    // With a second member at hand, trying that one is better than asking the dead one again.
    if settings.endpoints.count > 1 { limits.attempts = 1 }
    return HTTPRequest(
      "POST", url, headers: headers, body: body, isIdempotent: isIdempotent,
      access: settings.access, limits: limits)
  }

  /// Throws for failures that no other member can mend.
  private static func giveUpAtOnce(on error: HTTPError) throws {
    switch error {
    case .invalidURL, .unreadableFile: throw ConnectorError.misconfigured("\(error)")
    case .cancelled, .notRecorded: throw ConnectorError.unreachable("\(error)")
    case .failed, .timedOut, .tooLarge, .untrusted: return
    }
  }

  private func excerpt(_ response: HTTPResponse) -> String {
    let text = response.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return text.isEmpty ? "an empty body" : "'\(text.prefix(200))'"
  }
}

/// etcd has authentication turned off, so there is no token to get.
private struct EtcdAuthenticationOff: Error {}
