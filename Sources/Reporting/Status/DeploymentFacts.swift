import Invocation
import Planning

/// What the state file knows of a deployment: all that a status rests on.
public struct DeploymentFacts: Sendable {
  /// The deployment's name.
  public var deployment: String
  /// Unix seconds.
  public var now: Double
  /// The newest decision; nil when there is none.
  public var latest: PastDecision?
  /// The newest decision that changed a count; nil when there is none.
  public var lastChange: PastDocument?
  /// The newest runs that ended with an error; nil when there are none.
  public var failure: FailedRun?
  /// What people and the calendar have said, also of the time ahead.
  public var controls: [Control]
  /// When the newest decisions were made, Unix seconds, newest first.
  public var times: [Double]
  /// Seconds without a decision after which the planner is overdue; nil for three times the usual.
  public var overdueSeconds: Double?

  /// Creates the facts.
  public init(
    deployment: String, now: Double, latest: PastDecision? = nil,
    lastChange: PastDocument? = nil, failure: FailedRun? = nil, controls: [Control] = [],
    times: [Double] = [], overdueSeconds: Double? = nil
  ) {
    self.deployment = deployment
    self.now = now
    self.latest = latest
    self.lastChange = lastChange
    self.failure = failure
    self.controls = controls
    self.times = times
    self.overdueSeconds = overdueSeconds
  }

  /// The usual time between two decisions: the median of the newest ten; nil where there are fewer
  /// than two.
  public var usualGapSeconds: Double? {
    let gaps = zip(times, times.dropFirst()).prefix(10).map { max(0, $0 - $1) }.sorted()
    return gaps.isEmpty ? nil : gaps[gaps.count / 2]
  }

  /// Seconds without a decision after which the planner is overdue: three times the usual, and at
  /// least three minutes, which a pod takes to be scheduled, pulled and started.
  public var allowedSeconds: Double {
    overdueSeconds ?? max(180, 3 * (usualGapSeconds ?? 200))
  }

  /// Whether the newest run ended with an error.
  public var endedWithError: Bool {
    guard let failure else { return false }
    return failure.last >= latest?.printed.time ?? -.infinity
  }
}
