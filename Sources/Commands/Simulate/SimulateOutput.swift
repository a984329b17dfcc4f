import Application
import Invocation
import Planning
import Presentation
import Reporting
import Simulation

/// Prints what a simulation came to.
struct SimulateOutput {
  let run: SimulationRun
  /// What the traffic is called.
  let traffic: String
  let comparison: PolicyComparison
  /// What the planner saw and decided, where it is the only policy.
  let planner: ReportData?
  let skippedLines: Int
  let longestProfiledISL: Double
  /// Share of the requests that are to be within both targets.
  let askedShare: Double

  func write(_ options: SimulateOutputOptions) throws {
    if let path = options.plot {
      try OutputFile(kind: "plot", path: path)
        .write(ParetoPlot(comparison, title: heading).svg)
    }
    if let path = options.report {
      try OutputFile(kind: "report", path: path).write(page.html)
    }
    if let path = options.timeline {
      try OutputFile(kind: "timeline", path: path).write(timelines)
    }
    if options.output == "json" {
      let report = SimulationReport(
        trace: run.trace, skippedLines: skippedLines, settings: run.settings,
        comparison: comparison)
      printJSON(try JSONText.encode(report))
    } else {
      printText(text)
    }
  }

  private var heading: String {
    let duration = run.trace.duration
    let time =
      duration < 3600
      ? "\((duration / 6).rounded() / 10) min" : "\((run.end / 360).rounded() / 10) h"
    return
      "\(run.trace.count) requests in \(time), TTFT ≤ \(Numbers.short(run.settings.targets.ttftMilliseconds, 1)) ms, ITL ≤ \(Numbers.short(run.settings.targets.itlMilliseconds, 1)) ms, start-up \(Numbers.short(run.settings.cluster.startUpSeconds, 1)) s"
  }

  private var text: String {
    var lines = [heading] + notes + ["", comparison.table]
    if comparison.results.count > 1 { lines += ["", comparison.answer(keeping: askedShare)] }
    if let frontier = comparison.frontier { lines += ["", frontier.table] }
    if comparison.results.count == 1 { lines += ["", comparison.results[0].timeline] }
    return lines.joined(separator: "\n")
  }

  private var page: SimulationPage {
    let results = comparison.results
    let who = results.count == 1 ? results[0].policy : "\(results.count) policies"
    return SimulationPage(
      comparison, of: run, title: "\(who) on \(traffic)", notes: notes, planner: planner,
      askedShare: askedShare)
  }

  /// What is to be known of the traffic and the model, a sentence each.
  private var notes: [String] {
    let cluster = run.settings.cluster
    let initial = cluster.initialReplicas.sorted { $0.key < $1.key }
      .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
    var lines = [
      "Mean ISL \(Numbers.short(run.trace.meanISL ?? 0, 1)), mean OSL \(Numbers.short(run.trace.meanOSL ?? 0, 1)); workers at the beginning: \(initial)."
    ]
    let long = run.trace.isl.count { Double($0) > longestProfiledISL }
    if long > 0 {
      let share = (Double(long) / Double(run.trace.count) * 1000).rounded() / 10
      lines.append(
        "\(share) % of the prompts are longer than the profiled \(Numbers.short(longestProfiledISL, 1)) tokens; their prefill is extrapolated."
      )
    }
    let reachable = run.reachableShare
    if reachable < 1 {
      lines.append(
        "\((reachable * 1000).rounded(.down) / 10) % of the requests can meet the targets; the others miss them even alone on an engine."
      )
    }
    if skippedLines > 0 { lines.append("\(skippedLines) lines of the trace were left out.") }
    if let refused = comparison.results.first?.total.refused, refused > 0 {
      lines.append("\(refused) requests are larger than an engine's KV cache and were refused.")
    }
    return lines
  }

  private var timelines: String {
    let tables = comparison.results.map(\.csv)
    let header = tables.first?.prefix { $0 != "\n" } ?? ""
    let rows = tables.map { $0.drop { $0 != "\n" }.dropFirst() }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }
}
