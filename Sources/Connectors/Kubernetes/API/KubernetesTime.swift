import Presentation

/// Unix seconds in the forms that Kubernetes writes times in.
enum KubernetesTime {
  /// `2026-11-20T08:15:04Z` (metav1.Time).
  static func seconds(_ time: Double) -> String { rfc3339(limited(time).rounded(.down)) }

  /// `2026-11-20T08:15:04.250000Z` (metav1.MicroTime, which takes exactly six digits).
  static func microseconds(_ time: Double) -> String { rfc3339Microseconds(limited(time)) }

  /// Unix seconds of a time in either form; nil for anything else.
  static func parse(_ text: String) -> Double? {
    text.hasSuffix("Z") ? Instant.rfc3339(text) : nil
  }

  /// Years 1970 to 9999, which is what four digits hold.
  private static func limited(_ time: Double) -> Double {
    time.isNaN ? 0 : min(max(time, 0), 253_402_300_799)
  }
}
