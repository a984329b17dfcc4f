import Invocation
import Planning
import Presentation

extension SimulationResult {
  /// The intervals as a table for people.
  public var timeline: String {
    let components = components
    var header = ["start", "arrivals"]
    header += components.flatMap { ["\($0.rawValue) asked", "ready"] }
    header += ["SLA %", "TTFT p50", "p90", "p99 ms", "ITL p50", "p90", "p99 ms", "GPU-hours"]
    let rows = intervals.map { interval in
      let outcome = interval.outcome
      var row = [Durations.clock(Int(max(0, min(interval.start, 1e12)))), "\(outcome.arrivals)"]
      for component in components {
        let counts = interval.replicas[component]
        row += [counts.map { "\($0.asked)" } ?? "–", counts.map { "\($0.ready)" } ?? "–"]
      }
      row.append(number(outcome.attainment.map { $0 * 100 }, 1))
      for (latency, digits) in [(outcome.ttft, 0), (outcome.itl, 1)] {
        row += [
          number(latency?.p50, digits), number(latency?.p90, digits), number(latency?.p99, digits),
        ]
      }
      row.append(number(outcome.gpuHours, 2))
      return row
    }
    return TextTable.lines([header] + rows).joined(separator: "\n")
  }

  /// The intervals as CSV with a header.
  public var csv: String {
    let components = components
    var names = ["policy", "start_s", "seconds", "arrivals", "refused", "unfinished", "good"]
    names += ["sla_attainment", "ttft_attainment", "itl_attainment"]
    for latency in ["ttft", "itl"] {
      names += ["mean", "p50", "p90", "p99"].map { "\(latency)_\($0)_ms" }
    }
    names += ["gpu_hours", "goodput", "failed_starts"]
    for component in components {
      names += ["asked", "ready", "starting", "draining", "changes"].map {
        "\(component.rawValue)_\($0)"
      }
    }
    let rows = intervals.map { interval in
      csvFields(interval, components).joined(separator: ",")
    }
    return ([names.joined(separator: ",")] + rows).joined(separator: "\n")
  }

  private func csvFields(_ interval: IntervalOutcome, _ components: [Component]) -> [String] {
    let outcome = interval.outcome
    var fields = [
      "\""
        + policy.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    ]
    fields += ["\(interval.start)", "\(outcome.seconds)"]
    fields += [outcome.arrivals, outcome.refused, outcome.unfinished, outcome.good].map { "\($0)" }
    var values: [Double?] = [outcome.attainment, outcome.ttftAttainment, outcome.itlAttainment]
    for latency in [outcome.ttft, outcome.itl] {
      values += [latency?.mean, latency?.p50, latency?.p90, latency?.p99]
    }
    values += [outcome.gpuHours, outcome.goodput]
    fields += values.map { $0.map { "\($0)" } ?? "" }
    fields.append("\(outcome.failedStarts)")
    for component in components {
      let counts = interval.replicas[component]
      let numbers = [counts?.asked, counts?.ready, counts?.starting, counts?.draining]
      fields += numbers.map { $0.map { "\($0)" } ?? "" }
      fields.append("\(outcome.changes[component] ?? 0)")
    }
    return fields
  }

  private var components: [Component] {
    Component.allCases.filter { component in
      intervals.contains { $0.replicas[component] != nil }
    }
  }

  private func number(_ value: Double?, _ digits: Int) -> String {
    value.map { Numbers.fixed($0, digits) } ?? "–"
  }
}
