import Presentation

/// A page of the planner's own metrics, as Prometheus reads it.
///
/// A value that is not known has no sample: a gauge of 0 would be a measurement. Every sample is
/// labelled with its deployment, so that the textfiles of several deployments can lie side by side.
///
/// Source: Prometheus text exposition format 0.0.4.
public struct MetricsPage: Sendable, Equatable {
  /// The content type of ``text``.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The deployment that every sample is about.
  public let deployment: String
  private var samples: [OwnMetric: [String]] = [:]

  /// Creates a page without samples.
  public init(deployment: String) { self.deployment = deployment }

  /// Adds a sample; one that is nil or not finite is left out.
  mutating func add(
    _ metric: OwnMetric, _ value: Double?, _ labels: [(name: String, value: String)] = []
  ) {
    guard let value, value.isFinite else { return }
    let all = [("deployment", deployment)] + labels
    let text = all.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    samples[metric, default: []].append("\(metric.name){\(text)} \(Numbers.exact(value))\n")
  }

  /// Adds a sample that is a whole number.
  mutating func add(
    _ metric: OwnMetric, _ value: Int?, _ labels: [(name: String, value: String)] = []
  ) {
    add(metric, value.map(Double.init), labels)
  }

  /// Adds a state set: 1 for the state there is, 0 for every other.
  mutating func add<State: RawRepresentable & CaseIterable & Equatable>(
    _ metric: OwnMetric, state: State, label: String,
    _ labels: [(name: String, value: String)] = []
  ) where State.RawValue == String {
    for other in State.allCases {
      add(metric, other == state ? 1 : 0, labels + [(label, other.rawValue)])
    }
  }

  /// The page.
  public var text: String {
    var text = ""
    for metric in OwnMetric.all {
      guard let lines = samples[metric] else { continue }
      text +=
        "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
      text += lines.joined()
    }
    return text
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
