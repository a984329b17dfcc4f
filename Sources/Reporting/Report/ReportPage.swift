import Planning

/// A report as one HTML file that needs nothing else: no network, no library. It follows the
/// reader's light or dark setting, works by keyboard and without script (which only adds reading
/// values off the plots).
public struct ReportPage: Sendable {
  let data: ReportData

  /// Creates the page of `data`.
  public init(_ data: ReportData) { self.data = data }

  /// The file.
  public var html: String {
    let title = HTMLText.escaped(data.heading.title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '\(ReportScript.digest)'">
      <link rel="icon" href="data:,">
      <title>\(title) – sla-planner report</title>
      <style>\(ReportStyle.text)</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the plots</a>
      <header>
      <p class="kind">sla-planner report</p>
      <h1>\(title)</h1>
      <p class="span">\(subtitle)</p>
      \(tiles)
      \(data.heading.notes.map { "<p class=\"note\">\(HTMLText.escaped($0))</p>" }.joined(separator: "\n"))
      </header>
      <main id="main" tabindex="-1">
      \(sections.joined(separator: "\n"))
      </main>
      <script>\(ReportScript.text)</script>
      </body>
      </html>

      """
  }

  private var clock: ReportClock { data.heading.clock }

  private var subtitle: String {
    let targets = data.heading.targets.map {
      ", targets TTFT \(HTMLText.number($0.ttftMilliseconds)) ms and ITL \(HTMLText.number($0.itlMilliseconds)) ms"
    }
    let zone = clock == .utc ? " UTC" : ""
    return
      "\(clock.text(data.grid.start)) to \(clock.text(data.grid.end))\(zone), mode \(data.heading.mode.rawValue)\(targets ?? "")"
  }

  private var tiles: String {
    func share(_ intervals: (known: Int, within: Int)) -> String? {
      intervals.known > 0
        ? HTMLText.percent(Double(intervals.within) / Double(intervals.known)) : nil
    }
    var tiles: [(name: String, value: String)] = [
      ("decisions shown", "\(data.decisionCount)"), ("of them changes", "\(data.changeCount)"),
      ("GPU-hours", HTMLText.number(data.totalGPUHours)),
    ]
    if let within = share(data.traffic.ttftIntervals) {
      tiles.append(("intervals within the TTFT target", within))
    }
    if let within = share(data.traffic.itlIntervals) {
      tiles.append(("intervals within the ITL target", within))
    }
    let errors = data.traffic.errors.byPredictor
    if errors.count == 1, let only = errors.first, let share = only.value.predictor.share {
      tiles.append(("mean forecast error (\(only.key))", HTMLText.percent(share)))
    }
    let items = tiles.map {
      "<div><dt>\(HTMLText.escaped($0.name))</dt><dd>\($0.value)</dd></div>"
    }
    return "<dl class=\"tiles\">\(items.joined())</dl>"
  }

  private var sections: [String] {
    let plots = ReportPlots(data)
    let regressions = data.regressions.map { RegressionPlot(regression: $0).html }
    return [
      section("Replicas and GPUs", plots.replicas + plots.gpus),
      section(
        "Traffic and forecast", plots.traffic + [ForecastErrorTable(data.traffic.errors).html]),
      section("Latency", plots.latency + plots.correction),
      regressions.isEmpty ? "" : section("Load regression of the newest decision", regressions),
      section(
        "Why it was decided so",
        [ReasonPlot(clock: clock, grid: data.grid, lanes: data.lanes).html]),
      data.decisions.isEmpty && clock == .elapsed
        ? ""
        : """
        <section><h2>Last decisions</h2>
        \(DecisionTable(decisions: data.decisions, components: data.heading.mode.components).html)
        </section>
        """,
    ].filter { !$0.isEmpty }
  }

  private func section(_ title: String, _ plots: [String]) -> String {
    "<section><h2>\(title)</h2><div class=\"plots\">\(plots.joined(separator: "\n"))</div></section>"
  }
}
