/// Stretches of time as a person reads them.
public enum Durations {
  /// `45 s`, `3 min`, `2.5 h`.
  public static func short(seconds: Double) -> String {
    switch seconds {
    case ..<120: "\(Numbers.short(seconds, 0)) s"
    case ..<7200: "\(Numbers.short(seconds / 60, 0)) min"
    default: "\(Numbers.short(seconds / 3600, 1)) h"
    }
  }

  /// `h:mm:ss`, of whole seconds; hours go on beyond a day.
  public static func clock(_ seconds: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let passed = abs(seconds)
    return
      "\(seconds < 0 ? "-" : "")\(passed / 3600):\(two(passed / 60 % 60)):\(two(passed % 60))"
  }
}
