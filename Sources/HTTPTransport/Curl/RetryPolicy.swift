import CCurl
import Glibc

/// When a request is sent again, and after which pause: exponential backoff with full jitter.
///
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("Full
/// Jitter").
public struct RetryPolicy: Sendable, Equatable {
  /// The longest pause after the first attempt, in seconds; it doubles with every attempt.
  public var baseSeconds: Double
  /// The longest pause of all, in seconds.
  public var capSeconds: Double

  /// Creates a policy.
  public init(baseSeconds: Double = 0.1, capSeconds: Double = 5) {
    self.baseSeconds = baseSeconds
    self.capSeconds = capSeconds
  }

  /// The pause after attempt number `attempt` (from 1), in seconds.
  ///
  /// - Parameters:
  ///   - retryAfter: what the server asked for, in seconds; the pause is never shorter.
  ///   - random: evenly distributed in 0..<1.
  func pauseSeconds(afterAttempt attempt: Int, retryAfter: Double?, random: Double) -> Double {
    let ceiling = min(capSeconds, baseSeconds * pow(2, Double(max(attempt, 1) - 1)))
    let jittered = ceiling > 0 && (0...1).contains(random) ? ceiling * random : 0
    return max(jittered, retryAfter ?? 0)
  }

  /// Whether an answer with this status says that the same request may succeed later.
  static func isTransient(status: Int) -> Bool { [429, 502, 503, 504].contains(status) }

  /// The seconds that the `Retry-After` header of `response` asks to wait (RFC 9110 §10.2.3).
  ///
  /// A date is taken relative to the answer's own `Date`, so that a clock that goes wrong on
  /// either side does no harm.
  static func retryAfterSeconds(_ response: HTTPResponse) -> Double? {
    guard let value = response.header("Retry-After") else { return nil }
    if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return Double(value)
    }
    let then = curl_getdate(value, nil)
    guard then >= 0 else { return nil }
    let sent = response.header("Date").map { curl_getdate($0, nil) } ?? -1
    return max(0, Double(then) - Double(sent >= 0 ? sent : time(nil)))
  }
}
