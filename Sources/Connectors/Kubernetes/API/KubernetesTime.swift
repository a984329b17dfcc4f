#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Unix seconds in the forms that Kubernetes writes times in.
enum KubernetesTime {
  /// `2026-11-20T08:15:04Z` (metav1.Time).
  static func seconds(_ time: Double) -> String {
    Date(timeIntervalSince1970: limited(time).rounded(.down)).ISO8601Format()
  }

  /// `2026-11-20T08:15:04.250000Z` (metav1.MicroTime, which takes exactly six digits).
  static func microseconds(_ time: Double) -> String {
    let whole = limited(time).rounded(.down)
    let digits = String(min(999_999, Int((limited(time) - whole) * 1e6)))
    let fraction = String(repeating: "0", count: 6 - digits.count) + digits
    return seconds(whole).dropLast() + ".\(fraction)Z"
  }

  /// Unix seconds of a time in either form; nil for anything else.
  static func parse(_ text: String) -> Double? {
    guard text.hasSuffix("Z") else { return nil }
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2,
      let date = try? Date.ISO8601FormatStyle().parse(first + "Z")
    else { return nil }
    guard parts.count == 2 else { return date.timeIntervalSince1970 }
    guard let digits = parts.last, !digits.isEmpty,
      digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let fraction = Double("0." + digits)
    else { return nil }
    return date.timeIntervalSince1970 + fraction
  }

  /// Years 1970 to 9999, which is what four digits hold.
  private static func limited(_ time: Double) -> Double {
    time.isNaN ? 0 : min(max(time, 0), 253_402_300_799)
  }
}
