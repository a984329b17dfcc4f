import Testing

@testable import HTTPTransport

@Suite struct RetryPolicyTests {
  @Test(
    "pauses double up to the cap, and jitter takes any part of them",
    arguments: [
      (1, 0.0, 0.0), (1, 0.5, 0.05), (2, 0.5, 0.1), (3, 1.0, 0.4), (7, 0.5, 2.5), (4000, 0.5, 2.5),
      (Int.max, 0.5, 2.5),
    ])
  func backoff(_ attempt: Int, _ random: Double, _ seconds: Double) {
    let policy = RetryPolicy(baseSeconds: 0.1, capSeconds: 5)
    let pause = policy.pauseSeconds(afterAttempt: attempt, retryAfter: nil, random: random)
    #expect(abs(pause - seconds) < 1e-12)
  }

  @Test("the pause is never shorter than the server asked for")
  func serverAsks() {
    let policy = RetryPolicy(baseSeconds: 0.1, capSeconds: 5)
    #expect(policy.pauseSeconds(afterAttempt: 1, retryAfter: 30, random: 0.5) == 30)
    #expect(policy.pauseSeconds(afterAttempt: 9, retryAfter: 1, random: 1) == 5)
  }

  @Test(
    "nonsense from outside gives no pause instead of an endless one",
    arguments: [
      Double.nan, .infinity, -1, 2,
    ])
  func nonsense(_ random: Double) {
    #expect(RetryPolicy().pauseSeconds(afterAttempt: 0, retryAfter: nil, random: random) == 0)
    let odd = RetryPolicy(baseSeconds: -1, capSeconds: .nan)
    #expect(odd.pauseSeconds(afterAttempt: 1, retryAfter: nil, random: 0.5) == 0)
  }

  @Test(
    "Retry-After is read as seconds or as a date relative to the answer's own",
    arguments: [
      ("5", 5.0), ("0", 0), ("99999999999999999999", 1e20), ("-5", nil), ("soon", nil), ("", nil),
      ("Wed, 21 Oct 2015 07:28:30 GMT", 30), ("Wed, 21 Oct 2015 07:00:00 GMT", 0),
    ] as [(String, Double?)])
  func retryAfter(_ value: String, _ seconds: Double?) {
    let response = HTTPResponse(
      status: 503,
      headers: [
        HTTPHeader("Date", "Wed, 21 Oct 2015 07:28:00 GMT"), HTTPHeader("retry-after", value),
      ])
    #expect(RetryPolicy.retryAfterSeconds(response) == seconds)
  }

  @Test("without Retry-After the server asks for nothing")
  func absent() {
    #expect(RetryPolicy.retryAfterSeconds(HTTPResponse(status: 503)) == nil)
  }
}
