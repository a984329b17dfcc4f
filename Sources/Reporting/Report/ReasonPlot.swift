import Planning
import Presentation

/// The reasons of all decisions as coloured lanes over time.
struct ReasonPlot {
  var clock: ReportClock
  var grid: TimeGrid
  /// The lanes of one component.
  var lanes: [ReasonLane]
  var component: Component

  /// The plot and a table of how often each reason occurred.
  var html: String {
    let shown = lanes.filter { !$0.isIdle }
    guard !shown.isEmpty else {
      return
        "<section class=\"plot\"><h3>\(title)</h3><p class=\"none\">No decision with a reason has been made yet.</p></section>"
    }
    let frame = PlotFrame(
      id: id, title: "\(title) over time", summary: summary(shown))
    let time = TimeAxis(start: grid.start, end: grid.end, clock: clock)
    let cursor =
      "<path class=\"cursor\" data-top=\"\(Markup.coordinate(PlotFrame.top))\" data-bottom=\"\(Markup.coordinate(PlotFrame.bottom))\" d=\"\"/>"
    let pitch = (PlotFrame.bottom - PlotFrame.top) / Double(shown.count)
    let drawn = shown.enumerated().flatMap { order, lane in
      segments(lane, top: PlotFrame.top + Double(order) * pitch, pitch: pitch)
    }
    let figure = TimeFigure(
      id: id, title: title, unit: "", clock: clock,
      legend: shown.map {
        TimeFigure.Entry(name: Self.name($0), style: nil, newest: $0.newest ?? "–")
      },
      drawing: key + frame.svg(PlotFrame.below(time) + drawn + [cursor]), rows: rows(shown))
    return figure.html + counts(shown)
  }

  private var id: String { "reasons-\(component.rawValue)" }

  private var title: String { "Reasons, \(component.rawValue)" }

  private static func name(_ lane: ReasonLane) -> String {
    "\(lane.component.rawValue) \(lane.rule.rawValue)"
  }

  private func summary(_ shown: [ReasonLane]) -> String {
    "One lane each for \(shown.map(Self.name).joined(separator: ", ")), from \(clock.text(grid.start)) to \(clock.text(grid.end)). The arrow keys move through the values; tables of them and of their counts follow."
  }

  private var key: String {
    let entries = ReasonKind.allCases.map {
      "<li>\(TimeFigure.swatch($0.style))<span>\($0.name)</span></li>"
    }
    return "<ul class=\"legend key\">\(entries.joined())</ul>\n"
  }

  /// Equal neighbours are drawn as one; a reason holds until the next decision.
  private func segments(_ lane: ReasonLane, top: Double, pitch: Double) -> [String] {
    func x(_ index: Int) -> Double {
      PlotFrame.place(
        Double(index), 0, Double(grid.count), from: PlotFrame.left, to: PlotFrame.right)
    }
    var parts: [String] = []
    var open: (from: Int, kind: ReasonKind, codes: [String])?
    func close(at index: Int) {
      guard let open else { return }
      let y = Markup.coordinate(top + 13)
      parts.append(
        "<path class=\"\(open.kind.style)\" d=\"M\(Markup.coordinate(x(open.from))) \(y)H\(Markup.coordinate(x(index)))v\(Markup.coordinate(pitch - 15))H\(Markup.coordinate(x(open.from)))Z\"><title>\(Markup.escaped(open.codes.joined(separator: ", ")))</title></path>"
      )
    }
    var last = 0
    for (index, kind) in lane.kinds.enumerated() {
      guard let kind else { continue }
      last = index
      if open?.kind == kind, open?.codes == lane.codes[index] { continue }
      close(at: index)
      open = (index, kind, lane.codes[index])
    }
    close(at: last + 1)
    parts.append(
      "<text x=\"\(Markup.coordinate(PlotFrame.left))\" y=\"\(Markup.coordinate(top + 10))\">\(Self.name(lane))</text>"
    )
    return parts
  }

  private func rows(_ shown: [ReasonLane]) -> [TimeFigure.Row] {
    let width = (grid.end - grid.start) / Double(grid.count)
    return (0..<grid.count).compactMap { index in
      guard shown.contains(where: { $0.kinds[index] != nil }) else { return nil }
      let time = grid.start + (Double(index) + 0.5) * width
      return TimeFigure.Row(
        time: time,
        x: PlotFrame.place(
          time, grid.start, grid.end, from: PlotFrame.left, to: PlotFrame.right),
        cells: shown.map { lane in
          lane.codes[index].isEmpty ? "–" : lane.codes[index].joined(separator: ", ")
        })
    }
  }

  private func counts(_ shown: [ReasonLane]) -> String {
    let rows = shown.flatMap { lane in
      let total = lane.counts.values.reduce(0, +)
      return lane.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { code, count in
        "<tr><th scope=\"row\">\(Self.name(lane))</th><td>\(code)</td><td class=\"n\">\(count)</td><td class=\"n\">\(Numbers.percent(Double(count) / Double(total)))</td></tr>"
      }
    }
    return """
      <div class="plot"><div class="scroll tall" tabindex="0" role="region" aria-label="How often each reason occurred"><table>
      <caption>How often each reason occurred</caption>
      <thead><tr><th scope="col">Rule</th><th scope="col">Reason</th><th scope="col" class="n">Count</th><th scope="col" class="n">Share</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody>
      </table></div></div>
      """
  }
}
