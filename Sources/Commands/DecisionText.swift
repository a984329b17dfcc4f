import Invocation
import Planning

/// A decision as people read it: a compact table and one sentence per component.
struct DecisionText {
  let document: DecisionDocument

  init(_ document: DecisionDocument) { self.document = document }

  /// The whole text, without a line end after the last line.
  var text: String {
    var lines = [heading]
    lines += [observed, forecast, plan, correction, gpus].compactMap { $0 }
    lines.append("")
    lines += table
    lines.append("")
    lines += components.map(\.1.explanation)
    if let error = document.error { lines.append("Not applied: \(error)") }
    lines += document.warnings.map { "Warning: \($0)" }
    return lines.joined(separator: "\n")
  }

  private var heading: String {
    let id = document.id.map { "decision \($0)" } ?? "decision"
    // A decision that was applied may still have one side that is held.
    let seconds = document.status == .held ? document.holdSeconds ?? 0 : 0
    let held = seconds >= 1 ? " for \(number(seconds, 0)) s" : ""
    return
      "\(document.time)  \(document.deployment) (\(document.mode.rawValue))  \(id): \(document.status.rawValue)\(held)"
  }

  private var observed: String? {
    guard let seen = document.observed else { return nil }
    let latencies = [
      seen.ttftMilliseconds.map { "TTFT \(number($0, 1)) ms" },
      seen.itlMilliseconds.map { "ITL \(number($0, 2)) ms" },
      seen.requestDurationSeconds.map { "duration \(number($0, 2)) s" },
    ].compactMap { $0 }
    let lengths = [
      seen.isl.map { "ISL \(number($0, 1))" }, seen.osl.map { "OSL \(number($0, 1))" },
    ].compactMap { $0 }
    let demand = [
      seen.arrivals.map { "\(number($0, 1)) arrivals" },
      seen.inFlight.map { "\(number($0, 0)) in flight" },
      seen.queued.map { "\(number($0, 0)) queued" },
      seen.ttftShare.map { "TTFT met by \(number($0 * 100, 1)) %" },
      seen.itlShare.map { "ITL met by \(number($0 * 100, 1)) %" },
    ].compactMap { $0 }
    return
      "observed  "
      + (["\(number(seen.requestCount, 1)) requests until \(seen.intervalEnd)"] + lengths
      + latencies + demand).joined(separator: ", ")
  }

  private var forecast: String? {
    document.forecast.map {
      let choice = $0.model?.requestCount.choice.map { " \($0)" } ?? ""
      return
        "forecast  \(number($0.requestCount, 1)) requests, ISL \(number($0.isl, 1)), OSL \(number($0.osl, 1)) (\($0.predictor)\(choice))"
    }
  }

  private var plan: String? {
    document.forecast?.plan.map { plan in
      let parts = [
        plan.intervals > 1 ? "the largest of \(plan.intervals) intervals" : nil,
        plan.quantile.map { "the quantile \($0)" },
        plan.coverage.map { "covered so far \(number(100 * $0, 1)) %" },
      ].compactMap { $0 }
      return
        "planned   for \(parts.joined(separator: ", ")); the next interval's forecast is \(number(plan.nextRequestCount, 1)) requests"
    }
  }

  private var correction: String? {
    let factors = document.correction
    guard factors.prefill != 1 || factors.decode != 1 else { return nil }
    return "correction  prefill \(number(factors.prefill, 3)), decode \(number(factors.decode, 3))"
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
    let header = [
      "component", "current", "ready", "throughput", "load", "floor", "final", "reasons",
    ]
    let rows = components.map { name, component in
      [
        name.rawValue, count(component.current), count(component.ready),
        count(component.throughput), count(component.load), count(component.floor),
        count(component.final),
        [
          component.reasons.throughput.rawValue, component.reasons.load.rawValue,
          component.reasons.budget.rawValue,
        ].joined(separator: ", "),
      ]
    }
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([header] + rows).map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ").trimmingTrailingSpaces
    }
  }

  private func count(_ value: Int?) -> String { value.map(String.init) ?? "–" }

  private func number(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    // A latency of 0.02 ms is not none.
    if rounded == 0, value != 0, digits < 6 { return number(value, digits + 1) }
    return rounded == rounded.rounded() && rounded.magnitude < 1e15
      ? String(Int64(rounded)) : String(rounded)
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
