/// Why the planner's own metrics could not be handed on. A run goes on without them; the message
/// becomes a warning.
public enum OwnMetricsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The textfile could not be written.
  case unwritable(path: String, reason: String)
  /// The push gateway could not be reached.
  case notPushed(url: String, reason: String)
  /// The push gateway refused.
  case refused(url: String, status: Int, answer: String)
  /// The port could not be served.
  case noPort(Int, reason: String)

  /// What happened and what to do, as a sentence.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason):
      "The metrics file '\(path)' could not be written: \(reason). Check --metrics-textfile and the permissions of its folder."
    case .notPushed(let url, let reason):
      "The metrics could not be pushed to '\(url)': \(reason) Check --pushgateway-url."
    case .refused(let url, let status, let answer):
      "The push gateway at '\(url)' refused the metrics with status \(status): \(answer.isEmpty ? "no reason given" : answer). Check --pushgateway-url."
    case .noPort(let port, let reason):
      "The metrics can't be served on port \(port): \(reason). Choose another port with PLANNER_PROMETHEUS_PORT, or 0 for none."
    }
  }
}
