/// The sections of a page that tell what was decided.
struct ReportSections {
  private let data: ReportData
  private let plots: ReportPlots

  init(_ data: ReportData) {
    self.data = data
    plots = ReportPlots(data)
  }

  /// Replicas, GPUs and GPU-hours.
  var replicas: String {
    HTMLPage.section("Replicas and GPUs", plots.replicas + plots.gpus)
  }

  /// Traffic, what was expected of it, and how far off that was.
  var traffic: String {
    HTMLPage.section(
      "Traffic and forecast", plots.traffic + [ForecastErrorTable(data.traffic.errors).html])
  }

  /// Latencies and corrections.
  var latency: String { HTMLPage.section("Latency", plots.latency + plots.correction) }

  /// The load regressions of the newest decision.
  var regressions: String {
    HTMLPage.section(
      "Load regression of the newest decision",
      data.regressions.map { RegressionPlot(regression: $0).html })
  }

  /// Reasons over time.
  var reasons: String {
    HTMLPage.section(
      "Why it was decided so",
      data.heading.mode.components.map { component in
        ReasonPlot(
          clock: data.heading.clock, grid: data.grid,
          lanes: data.lanes.filter { $0.component == component }, component: component
        ).html
      })
  }

  /// The last decisions as a table; nothing for a simulation that lists none.
  var decisions: String {
    guard !data.decisions.isEmpty || data.heading.clock == .utc else { return "" }
    let table = DecisionTable(
      decisions: data.decisions, components: data.heading.mode.components,
      clock: data.heading.clock)
    return "<section><h2>Last decisions</h2>\n\(table.html)\n</section>"
  }
}
