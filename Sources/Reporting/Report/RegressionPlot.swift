import Planning
import Presentation

/// A load regression: what was learned, the line, the target, and where the workers stand.
struct RegressionPlot {
  var regression: ReportRegression

  private var isTTFT: Bool { regression.latency == .ttft }
  private var id: String { "regression-\(regression.latency.rawValue)" }
  private var loadName: String {
    isTTFT ? "prefill tokens of a worker" : "decode blocks of a worker"
  }
  private var title: String { isTTFT ? "TTFT over prefill load" : "ITL over decode load" }

  /// The plot as a figure.
  var html: String {
    let points = regression.points + regression.workers
    let loads = points.map(\.load) + [regression.bound.load].compactMap { $0 }
    let latencies = points.map(\.latencyMilliseconds) + [regression.targetMilliseconds]
    // A line that is all but level meets the target far off; the plot stays with what was seen.
    let widest = 3 * max(points.map(\.load).max() ?? 1, 1)
    let across = NumberAxis(low: 0, high: min(loads.max() ?? 1, widest))
    let up = NumberAxis(low: 0, high: latencies.max() ?? 1)
    let frame = PlotFrame(id: id, title: "\(title), newest decision", summary: sentence)
    return """
      <figure class="plot" id="\(id)">
      <figcaption><h3>\(title) <small>ms</small></h3></figcaption>
      <ul class="legend">\(legend.joined())</ul>
      \(frame.svg(PlotFrame.left(up) + PlotFrame.below(across, name: loadName) + drawing(across, up)))
      <p class="note">\(Markup.escaped(sentence))</p>
      \(table)
      </figure>
      """
  }

  private func drawing(_ across: NumberAxis, _ up: NumberAxis) -> [String] {
    func x(_ load: Double) -> String {
      Markup.coordinate(
        PlotFrame.place(
          load, across.low, across.high, from: PlotFrame.left, to: PlotFrame.right))
    }
    func y(_ latency: Double) -> String {
      Markup.coordinate(
        PlotFrame.place(
          latency, up.low, up.high, from: PlotFrame.bottom, to: PlotFrame.top))
    }
    var parts = [
      "<path class=\"line target\" d=\"M\(x(across.low)) \(y(regression.targetMilliseconds))H\(x(across.high))\"/>"
    ]
    if let load = regression.bound.load, load <= across.high {
      parts.append(
        "<path class=\"line bound\" d=\"M\(x(load)) \(y(up.low))V\(y(up.high))\"><title>Target reached at \(Numbers.grouped(load))</title></path>"
      )
    }
    if let (from, to) = segment(across, up) {
      parts.append(
        "<path class=\"line second\" d=\"M\(x(from.load)) \(y(from.latencyMilliseconds))L\(x(to.load)) \(y(to.latencyMilliseconds))\"/>"
      )
    }
    parts += marks(regression.points, "point", x, y)
    return parts + marks(regression.workers, "worker", x, y)
  }

  private func marks(
    _ points: [LoadPoint], _ style: String, _ x: (Double) -> String, _ y: (Double) -> String
  ) -> [String] {
    points.map { point in
      "<circle class=\"\(style)\" cx=\"\(x(point.load))\" cy=\"\(y(point.latencyMilliseconds))\" r=\"\(style == "worker" ? 5 : 3)\"><title>\(Numbers.grouped(point.latencyMilliseconds)) ms at \(Numbers.grouped(point.load))</title></circle>"
    }
  }

  private var line: (slope: Double, intercept: Double)? {
    switch regression.bound {
    case .line(_, let slope, let intercept), .largestWithinTarget(_, let slope, let intercept),
      .unusable(let slope, let intercept):
      slope.isFinite && intercept.isFinite ? (slope, intercept) : nil
    case .insufficient: nil
    }
  }

  /// The part of the line that lies inside the plot.
  private func segment(
    _ across: NumberAxis, _ up: NumberAxis
  ) -> (from: LoadPoint, to: LoadPoint)? {
    guard let line else { return nil }
    var (from, to) = (across.low, across.high)
    if line.slope != 0 {
      let crossings = [up.low, up.high].map { ($0 - line.intercept) / line.slope }.sorted()
      from = max(from, crossings[0])
      to = min(to, crossings[1])
    } else if !(up.low...up.high).contains(line.intercept) {
      return nil
    }
    guard from < to else { return nil }
    func point(_ load: Double) -> LoadPoint {
      LoadPoint(load: load, latencyMilliseconds: line.intercept + line.slope * load)
    }
    return (point(from), point(to))
  }

  private var sentence: String {
    let target = "\(Numbers.grouped(regression.targetMilliseconds)) ms"
    switch regression.bound {
    case .line(let load, _, _):
      return "The line reaches the target of \(target) at \(Numbers.grouped(load)) \(loadName)."
    case .largestWithinTarget(let load, _, _):
      return
        "The slope says nothing here; the largest load seen within the target of \(target) is \(Numbers.grouped(load)) \(loadName)."
    case .unusable:
      return
        "The slope says nothing here, and no load seen was within the target of \(target)."
    case .insufficient(let observations, let needed):
      return "\(observations) of the \(needed) observations needed have been made."
    }
  }

  private var legend: [String] {
    var entries = [("point", "observations"), ("target", "target")]
    if line != nil { entries.append(("second", "fitted line")) }
    if regression.bound.load != nil { entries.append(("bound", "target load")) }
    if !regression.workers.isEmpty { entries.append(("worker", "workers now")) }
    return entries.map { "<li>\(TimeFigure.swatch($0.0))<span>\($0.1)</span></li>" }
  }

  private var table: String {
    let groups = [("observation", regression.points), ("worker now", regression.workers)]
    let rows = groups.flatMap { name, points in
      points.map {
        "<tr><th scope=\"row\">\(name)</th><td>\(Numbers.grouped($0.load))</td><td>\(Numbers.grouped($0.latencyMilliseconds))</td></tr>"
      }
    }
    return """
      <details><summary>Values<span class="hidden"> of \(title)</span></summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Values of \(title)"><table>
      <caption>\(title)</caption>
      <thead><tr><th scope="col">What</th><th scope="col">Load</th><th scope="col">Latency, ms</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody>
      </table></div></details>
      """
  }
}
