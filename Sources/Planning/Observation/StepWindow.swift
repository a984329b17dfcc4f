/// The short steps that a traffic source is asked for.
public struct StepWindow: Sendable, Equatable {
  /// End of the newest step that is known, Unix seconds: later ones are wanted.
  public var after: Int
  /// Unix seconds that count as now: nothing later is wanted.
  public var until: Double
  /// Length of the shortest step that is of use, in seconds, at least 1.
  public var shortestSeconds: Int
  /// Length of an adjustment interval in seconds: a whole number of steps make one.
  public var intervalSeconds: Int

  /// Creates a window.
  public init(after: Int, until: Double, shortestSeconds: Int, intervalSeconds: Int) {
    self.after = after
    self.until = until
    self.shortestSeconds = shortestSeconds
    self.intervalSeconds = intervalSeconds
  }

  /// The shortest step that holds three scrapes: the smallest part of an interval of at least so many
  /// seconds, or the interval itself.
  ///
  /// Of 180 s that are 15 s with a scrape every 5 s, 45 s with one every 15 s, 90 s with one every
  /// 30 s.
  public func stepSeconds(scrapeSeconds: Double) -> Int {
    // Scrapes are a little early or late: 14.98 s apart is every 15 s.
    let least = max(Double(shortestSeconds), (3 * scrapeSeconds - 0.5).rounded(.up))
    return (1...max(1, intervalSeconds)).first {
      intervalSeconds.isMultiple(of: $0) && Double($0) >= least
    } ?? intervalSeconds
  }
}

/// What a traffic source answers when it is asked for steps.
public struct StepReport: Sendable, Equatable {
  /// The steps that are complete, oldest first; those that can't be told are missing.
  public var steps: [TrafficStep]
  /// What a person should know.
  public var warnings: [String]

  /// Creates a report.
  public init(steps: [TrafficStep] = [], warnings: [String] = []) {
    self.steps = steps
    self.warnings = warnings
  }
}

/// Steps in order, none of which counts what another has counted already.
struct StepSequence {
  private(set) var steps: [TrafficStep] = []

  /// Joins steps with the intervals that they leave open.
  ///
  /// - Parameter after: end of the newest step that is known; nil when none is.
  init(_ steps: [TrafficStep], intervals: [TrafficStep], after: Int?) {
    var known = after
    for step in (steps + intervals).sorted(by: { $0.isBefore($1) })
    where step.start >= known ?? .min {
      self.steps.append(step)
      known = step.end
    }
  }
}

extension TrafficStep {
  /// Unix seconds.
  package var end: Int { observation.intervalEnd }
  /// Unix seconds.
  package var start: Int { end - seconds }

  /// By their beginnings; of two that begin together the shorter is the first.
  fileprivate func isBefore(_ other: TrafficStep) -> Bool {
    (start, seconds) < (other.start, other.seconds)
  }
}
