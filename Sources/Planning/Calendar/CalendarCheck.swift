import Presentation

/// What a calendar may not be meant to do: windows that overlap, and beginnings that a change of the
/// clocks skips or repeats.
public struct CalendarCheck: Sendable {
  let calendar: PlanningCalendar
  let now: Double
  /// How far ahead is looked, seconds: a year and a month.
  private static let span = 396.0 * 86_400

  /// Checks a calendar from `now` on, Unix seconds.
  public init(_ calendar: PlanningCalendar, now: Double) {
    self.calendar = calendar
    self.now = now
  }

  /// What a person should know, sentences.
  public var findings: [String] { overlaps + clockChanges + neverBeginning }

  private var neverBeginning: [String] {
    calendar.windows.filter { $0.starts(from: now, through: now + Self.span).isEmpty }.map {
      "'\($0.name)' does not begin once within a year."
    }
  }

  private var clockChanges: [String] {
    calendar.windows.flatMap { window in
      window.starts(from: now, through: now + Self.span).compactMap { start -> String? in
        func local(_ time: Double) -> String {
          TimeStyle { window.zone.offset(at: $0) }.text(time)
        }
        switch start {
        case .once: return nil
        case .skipped(let time):
          return
            "'\(window.name)' begins at a time that the clocks of \(window.zoneName) skip; it then begins at \(local(time))."
        case .twice(let time):
          return
            "'\(window.name)' begins at a time that comes twice in \(window.zoneName); it begins at the first, \(local(time))."
        }
      }
    }
  }

  private var overlaps: [String] {
    var found: [String] = []
    for (index, first) in calendar.windows.enumerated() {
      for second in calendar.windows[(index + 1)...] {
        let shared =
          Set(first.bounds.keys).intersection(second.bounds.keys).map(\.rawValue).sorted()
          + (first.gpuBudget != nil && second.gpuBudget != nil ? ["the budget"] : [])
        guard !shared.isEmpty, let time = overlap(first, second) else { continue }
        let local = TimeStyle { first.zone.offset(at: $0) }.text(time)
        found.append(
          "'\(first.name)' and '\(second.name)' both bound \(shared.joined(separator: " and ")) from \(local) on; where they contradict each other the one that began later counts."
        )
      }
    }
    return found
  }

  /// When two windows first hold together.
  private func overlap(
    _ first: PlanningCalendar.Window, _ second: PlanningCalendar.Window
  ) -> Double? {
    let firsts = first.starts(from: now - first.seconds, through: now + Self.span)
      .map(\.unixSeconds)
    let seconds = second.starts(from: now - second.seconds, through: now + Self.span)
      .map(\.unixSeconds)
    var (left, right) = (0, 0)
    while left < firsts.count, right < seconds.count {
      let begin = max(firsts[left], seconds[right])
      let end = min(firsts[left] + first.seconds, seconds[right] + second.seconds)
      if begin < end, end > now { return max(begin, now) }
      if firsts[left] + first.seconds <= seconds[right] + second.seconds {
        left += 1
      } else {
        right += 1
      }
    }
    return nil
  }
}
