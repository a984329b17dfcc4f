import Invocation
import Planning
import Presentation

/// A decision as people read it: a compact table and one sentence per component.
package struct DecisionText {
  let document: DecisionDocument

  let times: TimeStyle

  package init(_ document: DecisionDocument, times: TimeStyle = .utc) {
    self.document = document
    self.times = times
  }

  /// The whole text, without a line end after the last line.
  package var text: String {
    var lines = [heading]
    lines += [observed, forecast, plan, correction, gpus].compactMap { $0 }
    lines.append("")
    lines += table
    lines.append("")
    lines += components.map(\.1.explanation)
    if let error = document.error { lines.append("Not applied: \(error)") }
    lines += WarningLines.lines(document.warnings, width: .max)
    return lines.joined(separator: "\n")
  }

  private var heading: String {
    let id = document.id.map { "decision \($0)" } ?? "decision"
    // A decision that was applied may still have one side that is held.
    let seconds = document.status == .held ? document.holdSeconds ?? 0 : 0
    let held = seconds >= 1 ? " for \(Durations.short(seconds: seconds))" : ""
    return
      "\(times.text(rfc3339: document.time))  \(document.deployment) (\(document.mode.rawValue))  \(id): \(document.status.rawValue)\(held)"
  }

  private var observed: String? {
    guard let seen = document.observed else { return nil }
    let latencies = [
      seen.ttftMilliseconds.map { "TTFT \(Numbers.short($0, 1)) ms" },
      seen.itlMilliseconds.map { "ITL \(Numbers.short($0, 2)) ms" },
      seen.requestDurationSeconds.map { "duration \(Numbers.short($0, 2)) s" },
    ].compactMap { $0 }
    let lengths = [
      seen.isl.map { "ISL \(Numbers.short($0, 1))" },
      seen.osl.map { "OSL \(Numbers.short($0, 1))" },
    ].compactMap { $0 }
    let demand = [
      seen.arrivals.map { "\(Numbers.short($0, 1)) arrivals" },
      seen.inFlight.map { "\(Numbers.short($0, 0)) in flight" },
      seen.queued.map { "\(Numbers.short($0, 0)) queued" },
      seen.ttftShare.map { "TTFT met by \(Numbers.short($0 * 100, 1)) %" },
      seen.itlShare.map { "ITL met by \(Numbers.short($0 * 100, 1)) %" },
    ].compactMap { $0 }
    return
      "observed  "
      + ([
        "\(Numbers.short(seen.requestCount, 1)) requests until \(times.text(rfc3339: seen.intervalEnd))"
      ] + lengths
      + latencies + demand).joined(separator: ", ")
  }

  private var forecast: String? {
    document.forecast.map {
      let choice = $0.model?.requestCount.choice.map { " \($0)" } ?? ""
      return
        "forecast  \(Numbers.short($0.requestCount, 1)) requests, ISL \(Numbers.short($0.isl, 1)), OSL \(Numbers.short($0.osl, 1)) (\($0.predictor)\(choice))"
    }
  }

  private var plan: String? {
    document.forecast?.plan.map { plan in
      let parts = [
        plan.intervals > 1 ? "the largest of \(plan.intervals) intervals" : nil,
        plan.quantile.map { "the quantile \($0)" },
        plan.coverage.map { "covered so far \(Numbers.short(100 * $0, 1)) %" },
      ].compactMap { $0 }
      return
        "planned   for \(parts.joined(separator: ", ")); the next interval's forecast is \(Numbers.short(plan.nextRequestCount, 1)) requests"
    }
  }

  private var correction: String? {
    let factors = document.correction
    let words = [factors.prefill, factors.decode].map(SlowdownWords.text)
    guard words.contains(where: { $0 != SlowdownWords.text(1) }) else { return nil }
    return "engines   prefill \(words[0]), decode \(words[1])"
  }

  private var gpus: String? {
    guard let after = document.gpus.after else { return nil }
    let before = document.gpus.before.map { "\($0) → " } ?? ""
    let budget = document.gpus.budget.map { " of a budget of \($0)" } ?? ""
    return "GPUs      \(before)\(after)\(budget)"
  }

  private var components: [(Component, DecisionDocument.ComponentDocument)] {
    document.components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private var table: [String] {
    let header = ["component", "current", "ready", "needed", "load", "floor", "final", "why"]
    let rows = components.map { name, component in
      [
        name.rawValue, count(component.current), count(component.ready),
        count(component.throughput), count(component.load), count(component.floor),
        count(component.final), ReasonWords(component.reasons).text,
      ]
    }
    return TextTable.lines([header] + rows, leftAligned: Set(header.indices))
  }

  private func count(_ value: Int?) -> String { value.map(String.init) ?? "–" }

}
