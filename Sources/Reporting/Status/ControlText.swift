import Invocation
import Planning
import Presentation

/// A control as a person reads it.
public struct ControlText {
  let control: Control
  let now: Double
  let times: TimeStyle

  /// Creates the text of a control.
  ///
  /// - Parameter now: Unix seconds.
  public init(_ control: Control, now: Double, times: TimeStyle) {
    self.control = control
    self.now = now
    self.times = times
  }

  /// `decode pinned to 12 by anna until 21:05 (1 h, load test)`.
  public var sentence: String {
    let details = [
      control.since > now
        ? "in \(Durations.short(seconds: control.since - now))"
        : control.until.map { Durations.short(seconds: max(0, $0 - now)) }, control.reason,
    ].compactMap { $0 }
    return "\(what) by \(control.owner) \(span)"
      + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
  }

  private var what: String {
    let name = control.component?.rawValue ?? "all counts"
    if let budget = control.gpuBudget { return "GPU budget \(budget)" }
    switch control.kind {
    case .pause: return "paused"
    case .pin: return "\(name) pinned to \(control.minimum ?? 0)"
    case .limit, .calendar: return "\(name) kept \(bounds)"
    }
  }

  private var bounds: String {
    switch (control.minimum, control.maximum) {
    case (let least?, let most?): "between \(least) and \(most)"
    case (let least?, nil): "at \(least) or more"
    case (nil, let most?): "at \(most) or fewer"
    case (nil, nil): "as it is"
    }
  }

  private var span: String {
    if control.since > now { return "from \(times.short(control.since, now: now))" }
    return control.until.map { "until \(times.short($0, now: now))" } ?? "until resumed"
  }
}

/// What counts, for programs.
public struct ControlList: Codable, Sendable {
  /// Version of this format.
  var schema = 1
  /// The deployment.
  var deployment: String
  /// When that was said, RFC 3339.
  var time: String
  /// What counts, or will.
  var controls: [DecisionDocument.ControlDocument]

  /// Lists controls.
  public init(_ deployment: String, at time: Double, _ controls: [Control]) {
    self.deployment = deployment
    self.time = rfc3339(time)
    self.controls = controls.map(DecisionDocument.ControlDocument.init)
  }

  /// One JSON object.
  public func json() throws -> String { try JSONText.encode(self) }
}
