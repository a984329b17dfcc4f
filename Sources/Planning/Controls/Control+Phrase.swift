import Presentation

extension Control {
  /// What it does to a count, as a part of a sentence: `pinned to 12 by anna for 47 min more (load
  /// test)`.
  ///
  /// - Parameters:
  ///   - time: Unix seconds of the decision.
  ///   - bound: the count that it asks for.
  func phrase(at time: Double, bound: Int) -> String {
    let isAtLeast = minimum == bound && maximum != bound
    let what =
      switch kind {
      case .pause: "paused by \(owner)"
      case .pin: "pinned to \(bound) by \(owner)"
      case .limit: "\(isAtLeast ? "at least" : "at most") \(bound), says \(owner)"
      case .calendar:
        "the calendar's '\(owner)' asks for \(isAtLeast ? "at least" : "at most") \(bound)"
      }
    let when =
      if since > time {
        " in \(Durations.short(seconds: since - time))"
      } else if let until {
        " for \(Durations.short(seconds: max(0, until - time))) more"
      } else {
        ""
      }
    return what + when + (reason.map { " (\($0))" } ?? "")
  }
}
