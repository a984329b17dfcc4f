import Presentation

/// How fast engines count, in words.
enum SlowdownWords {
  /// `as fast as profiled`, `1.3 times as slow as profiled`.
  static func text(_ slowdown: Double) -> String {
    (slowdown - 1).magnitude < 0.005
      ? "as fast as profiled" : "\(Numbers.short(slowdown, 2)) times as slow as profiled"
  }
}
