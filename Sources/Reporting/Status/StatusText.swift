import Invocation
import Planning
import Presentation

/// One screen on how a deployment's planner is. The first line answers.
public struct StatusText {
  let facts: DeploymentFacts
  let state: DeploymentState
  let times: TimeStyle

  /// Creates the text.
  public init(_ facts: DeploymentFacts, times: TimeStyle) {
    self.facts = facts
    state = DeploymentState(facts)
    self.times = times
  }

  /// The whole screen, 80 columns wide, without a line end after the last line.
  public var text: String {
    var lines = TextWrap.lines(headline, rest: "  ")
    if let latest = facts.latest {
      lines += TargetVerdict.all(of: latest).map(\.text)
      lines += [""] + table(latest)
    }
    if !words.isEmpty { lines += [""] + words }
    if let latest = facts.latest {
      lines.append("")
      for (_, component) in latest.printed.components {
        lines += TextWrap.lines(component.explanation, rest: "  ")
      }
      lines += WarningLines.lines(latest.document.warnings)
    }
    return (lines + [""] + timeline).joined(separator: "\n")
  }

  /// What is the matter, one sentence.
  public var headline: String {
    // What an old decision saw is no news.
    let isCurrent = ![.broken, .overdue].contains(state)
    let missed =
      isCurrent
      ? facts.latest.map { TargetVerdict.all(of: $0).filter { $0.isMet == false } } ?? [] : []
    let first = missed.map { "\($0.text); " }.joined()
    return "\(facts.deployment): \(first)\(condition)"
  }

  private var condition: String {
    switch state {
    case .broken:
      guard facts.endedWithError, let failure = facts.failure else {
        return
          "broken: the last change was not confirmed: \(facts.latest?.document.error ?? "nobody said why")"
      }
      let runs = failure.count == 1 ? "the last run" : "the last \(failure.count) runs"
      let since =
        failure.count == 1
        ? "\(ago(failure.last))" : "since \(times.short(failure.first, now: facts.now))"
      return
        "broken: \(runs) ended with an error (\(since), exit code \(failure.code)): \(failure.error)"
    case .overdue:
      guard let latest = facts.latest else {
        return "overdue: no decision has been made yet. Check that the schedule runs it."
      }
      return
        "overdue: the last decision is \(Durations.short(seconds: facts.now - latest.printed.time)) old; one was expected every \(Durations.short(seconds: facts.usualGapSeconds ?? facts.allowedSeconds)). Check that the schedule runs it."
    case .holding:
      let held = (facts.latest?.document.holdSeconds ?? 0) + age
      let since = times.short(facts.now - held, now: facts.now)
      return "holding for \(Durations.short(seconds: held)) (since \(since)): \(heldReason)"
    case .paused:
      let pause = facts.controls.inForce(at: facts.now).last { $0.kind == .pause }
      return pause.map { ControlText($0, now: facts.now, times: times).sentence + "." } ?? "paused."
    case .fine:
      let status = facts.latest.map {
        "decision \($0.id), \(ago($0.printed.time)): \($0.document.status.rawValue)"
      }
      return "fine, \(status ?? "")."
    }
  }

  private var age: Double { max(0, facts.now - (facts.latest?.printed.time ?? facts.now)) }

  private func ago(_ time: Double) -> String {
    "\(Durations.short(seconds: max(0, facts.now - time))) ago"
  }

  /// What holds, in the words of the components that are held.
  private var heldReason: String {
    guard let latest = facts.latest else { return "" }
    let held = latest.record.decision.components.filter(\.value.isHeld).keys.sorted()
    return held.compactMap { latest.document.components[$0]?.explanation }.joined(separator: " ")
  }

  private func table(_ latest: PastDecision) -> [String] {
    func text(_ count: Int?) -> String { count.map(String.init) ?? "–" }
    let rows = latest.printed.components.map { name, component in
      [
        name.rawValue, text(component.current), text(component.ready),
        text(component.throughput ?? component.load),
        text(component.final ?? component.current),
      ]
    }
    var lines = TextTable.lines(
      [["", "current", "ready", "needed", "final"]] + rows, leftAligned: [0])
    let gpus = latest.document.gpus
    let budget = gpus.budget.map { " of a budget of \($0)" } ?? ""
    if let after = gpus.after ?? gpus.before { lines.append("GPUs \(after)\(budget)") }
    return lines
  }

  private var words: [String] {
    facts.controls.without(endedBy: facts.now).flatMap { control in
      TextWrap.lines(
        ControlText(control, now: facts.now, times: times).sentence,
        first: control.isInForce(at: facts.now) ? "in force: " : "ahead: ", rest: "  ")
    }
  }

  private var timeline: [String] {
    var lines: [String] = []
    if let change = facts.lastChange {
      let counts = change.components.compactMap { name, component -> String? in
        guard let from = component.current, let to = component.final, from != to else { return nil }
        return "\(name.rawValue) \(from) → \(to)"
      }
      lines.append(
        "last change: decision \(change.id), \(ago(change.time))"
          + (counts.isEmpty ? "" : ": \(counts.joined(separator: ", "))"))
    }
    if let latest = facts.latest, let gap = facts.usualGapSeconds {
      let next = latest.printed.time + gap
      let when =
        next > facts.now
        ? "in \(Durations.short(seconds: next - facts.now))" : "\(ago(next)) by the usual time"
      lines.append("next decision: \(times.short(next, now: facts.now)), \(when)")
    }
    if let latest = facts.latest {
      lines.append("more: sla-planner explain \(latest.id)")
    }
    return lines
  }
}

/// Warnings, each once with how often it came.
enum WarningLines {
  static func lines(
    _ warnings: [String], width: Int = TextWrap.standardWidth
  ) -> [String] {
    var counts: [(text: String, count: Int)] = []
    for warning in warnings {
      if let index = counts.firstIndex(where: { $0.text == warning }) {
        counts[index].count += 1
      } else {
        counts.append((warning, 1))
      }
    }
    return counts.flatMap { warning in
      TextWrap.lines(
        "Warning\(warning.count > 1 ? " (\(warning.count) times)" : ""): \(warning.text)",
        width: width, rest: "  ")
    }
  }
}
