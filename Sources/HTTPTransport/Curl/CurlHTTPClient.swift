import Synchronization

/// Sends requests with libcurl: all of them side by side in one thread, on kept connections.
///
/// - Nothing is sent, and no thread runs, before the first request (or ``prepare()``).
/// - Idempotent requests are sent again after a failed connection, a timeout, or one of the
///   statuses 429, 502, 503 and 504; others are sent at most once.
/// - Redirects are followed within the same scheme, host and port, at most five; one that leads
///   elsewhere is an error, so that credentials never leave the server they were meant for.
/// - Cancelling the task ends the transfer.
/// - Proxies are taken from `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, as libcurl
///   does. With ``HTTPAccess/tlsServerName``, `no_proxy` is compared with that name.
public final class CurlHTTPClient: HTTPClient {
  private let deadline: ContinuousClock.Instant
  private let deadlineSeconds: Double
  private let limits: HTTPLimits
  private let allowance: BodyAllowance
  private let retries: RetryPolicy
  private let userAgent: String
  private let exposed: @Sendable (String) -> Void
  private let random: @Sendable () -> Double
  private let pause: @Sendable (Double) async throws -> Void
  private let loop = CurlEventLoop()

  /// Creates a client for one invocation.
  ///
  /// - Parameters:
  ///   - version: the program's version, part of the `User-Agent` header.
  ///   - deadlineSeconds: from now on the monotonic clock; no request outlives it.
  ///   - limits: what holds for requests that don't say otherwise.
  ///   - allBodiesBytes: the most that all answers that are in use at one time may hold together.
  ///   - exposed: told of every request that sends credentials without encryption, and of the scheme,
  ///     host and port it goes to.
  ///   - random: evenly distributed numbers in 0..<1 for the pauses between attempts.
  public convenience init(
    version: String, deadlineSeconds: Double = 50, limits: HTTPLimits = HTTPLimits(),
    allBodiesBytes: Int = 64 << 20, retries: RetryPolicy = RetryPolicy(),
    exposed: @escaping @Sendable (_ origin: String) -> Void = { _ in },
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.init(
      version: version, deadlineSeconds: deadlineSeconds, limits: limits,
      allBodiesBytes: allBodiesBytes, retries: retries, exposed: exposed, random: random,
      pause: { try await Task.sleep(for: .seconds($0)) })
  }

  init(
    version: String, deadlineSeconds: Double, limits: HTTPLimits, allBodiesBytes: Int = 64 << 20,
    retries: RetryPolicy, exposed: @escaping @Sendable (String) -> Void = { _ in },
    random: @escaping @Sendable () -> Double,
    pause: @escaping @Sendable (Double) async throws -> Void
  ) {
    // A year is as good as for ever, and far from overflow.
    self.deadlineSeconds = deadlineSeconds.isNaN ? 0 : min(max(deadlineSeconds, 0), 31_536_000)
    deadline = .now + .seconds(self.deadlineSeconds)
    self.limits = limits.filled(from: .standard)
    allowance = BodyAllowance(limitBytes: allBodiesBytes)
    self.retries = retries
    userAgent = "sla-planner/" + version.filter { $0.isASCII && !$0.isWhitespace }
    self.exposed = exposed
    self.random = random
    self.pause = pause
  }

  deinit { loop.stop() }

  /// Starts the thread and libcurl now, so that they are ready when the first request comes.
  public func prepare() { loop.start() }

  /// Ends all transfers and the thread; requests sent afterwards fail as cancelled.
  ///
  /// To be called before `exit` while transfers may be going on: the TLS library tidies up after
  /// itself in `exit`, which must not happen under a transfer.
  public func shutdown() { loop.stop() }

  /// Sends `request`, again if it failed and may be repeated, and returns the last answer, without
  /// the request's credentials where the server echoes them.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let echoes = CredentialEchoes(of: request)
    do throws(HTTPError) {
      return echoes.hidden(in: try await sendRepeatedly(request))
    } catch {
      throw echoes.hidden(in: error)
    }
  }

  private func sendRepeatedly(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let url = try RequestURL(request.url)
    let limits = request.limits.filled(from: self.limits)
    let attempts = request.isIdempotent ? max(1, limits.attempts ?? 1) : 1
    var attempt = 1
    while true {
      let result = await exchange(request, url, limits)
      guard attempt < attempts, result.isTransient else { return try result.unwrapped() }
      let seconds = retries.pauseSeconds(
        afterAttempt: attempt, retryAfter: result.retryAfterSeconds, random: random())
      guard seconds < remainingSeconds else { return try result.unwrapped() }
      do { try await pause(seconds) } catch {
        throw .cancelled(request: url.shown(request.method))
      }
      attempt += 1
    }
  }

  private var remainingSeconds: Double { (deadline - .now) / .seconds(1) }

  /// One attempt: the exchange and those that its redirects lead to, within one total timeout.
  private func exchange(
    _ request: HTTPRequest, _ url: RequestURL, _ limits: HTTPLimits
  ) async -> TransferResult {
    let seconds = min(limits.totalTimeoutSeconds ?? .infinity, remainingSeconds)
    let end = ContinuousClock.now + .seconds(max(0, seconds))
    var request = request
    var redirects = Redirects(from: url)
    while true {
      let left = (end - .now) / .seconds(1)
      do throws(HTTPError) {
        guard left > 0 else {
          throw .timedOut(
            request: url.shown(request.method),
            seconds: seconds > 0 ? seconds : deadlineSeconds)
        }
        let plan = try TransferPlan(
          request, to: redirects.url, limits: limits, allowance: allowance, timeoutSeconds: left,
          userAgent: userAgent)
        if plan.exposesCredentials { exposed(redirects.url.origin) }
        let result = await loop.run(plan)
        guard case .success(let response) = result,
          let next = try redirects.next(request, response)
        else { return result }
        request = next
      } catch {
        return .failure(TransferFailure(error: error, isTransient: false))
      }
    }
  }
}

extension TransferResult {
  fileprivate var isTransient: Bool {
    switch self {
    case .success(let response): RetryPolicy.isTransient(status: response.status)
    case .failure(let failure): failure.isTransient
    }
  }

  fileprivate var retryAfterSeconds: Double? {
    guard case .success(let response) = self else { return nil }
    return RetryPolicy.retryAfterSeconds(response)
  }

  fileprivate func unwrapped() throws(HTTPError) -> HTTPResponse {
    switch self {
    case .success(let response): return response
    case .failure(let failure): throw failure.error
    }
  }
}
