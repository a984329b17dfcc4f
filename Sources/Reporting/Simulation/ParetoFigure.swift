import Presentation
import Simulation

/// Policies as numbered points: how many requests they serve well against what they cost. The table
/// that follows it in the page has the values.
struct ParetoFigure {
  private let points: [ParetoPoint]
  private let across: NumberAxis
  private let up: NumberAxis

  init(_ comparison: PolicyComparison) {
    points = ParetoPoint.all(comparison)
    across = points.across
    up = points.up
  }

  /// The plot as a figure, or a sentence that says why there is none.
  var html: String {
    guard !points.isEmpty else {
      return
        "<section class=\"plot\"><h3>Served well against cost</h3><p class=\"none\">No request was judged.</p></section>"
    }
    let frame = PlotFrame(
      id: "pareto", title: "Requests within both targets against GPU-hours", summary: summary)
    return """
      <figure class="plot pareto" id="pareto">
      <figcaption><h3>Served well against cost <small>% of requests within both targets</small></h3></figcaption>
      <ul class="legend"><li>\(TimeFigure.swatch("point"))<span>a policy, numbered as in the table</span></li><li>\(TimeFigure.swatch("front"))<span>none serves more for less</span></li></ul>
      \(frame.svg(PlotFrame.left(up) + PlotFrame.below(across, name: "GPU-hours") + frontLine + marks + labels))
      </figure>
      """
  }

  private var summary: String {
    let best = points.front.map {
      "\($0.name) with \(Numbers.grouped($0.attainment)) % for \(Numbers.grouped($0.gpuHours)) GPU-hours"
    }
    return
      "\(points.count) policies. None serves more for less than \(best.joined(separator: ", ")). The table that follows has the values of all."
  }

  private func place(_ point: ParetoPoint) -> (x: Double, y: Double) {
    (
      PlotFrame.place(
        point.gpuHours, across.low, across.high, from: PlotFrame.left, to: PlotFrame.right),
      PlotFrame.place(
        point.attainment, up.low, up.high, from: PlotFrame.bottom, to: PlotFrame.top)
    )
  }

  private var frontLine: [String] {
    let front = points.front
    guard front.count > 1 else { return [] }
    let path = front.map { point in
      let (x, y) = place(point)
      return "\(Markup.coordinate(x)) \(Markup.coordinate(y))"
    }.joined(separator: "L")
    return ["<path class=\"line front\" d=\"M\(path)\"/>"]
  }

  private var marks: [String] {
    points.map { point in
      let (x, y) = place(point)
      let values =
        "\(point.number). \(point.name): \(Numbers.grouped(point.attainment)) %, \(Numbers.grouped(point.gpuHours)) GPU-hours"
      return
        "<circle class=\"\(point.isBest ? "point best" : "point")\" cx=\"\(Markup.coordinate(x))\" cy=\"\(Markup.coordinate(y))\" r=\"4\"><title>\(Markup.escaped(values))</title></circle>"
    }
  }

  /// A number beside each point, on the side where most room is left; points that all but coincide
  /// share one label.
  private var labels: [String] {
    var taken = points.map { point in
      let (x, y) = place(point)
      return Box(left: x - 4, right: x + 4, top: y - 4, bottom: y + 4)
    }
    return groups.map { group in
      let text = group.numbers.map(String.init).joined(separator: ", ")
      let width = Double(text.count) * 7
      let candidates = [(true, -4.0), (true, 14), (false, -4), (false, 14)].map { isRight, down in
        let left = isRight ? group.x + 6 : group.x - 6 - width
        let base = group.y + down
        return Box(left: left, right: left + width, top: base - 10, bottom: base)
      }
      let free = candidates.filter(\.isInside)
      let best =
        free.enumerated().min { ($0.1.overlap(taken), $0.0) < ($1.1.overlap(taken), $1.0) }?
        .element ?? candidates[0]
      taken.append(best)
      return
        "<text x=\"\(Markup.coordinate(best.left))\" y=\"\(Markup.coordinate(best.bottom))\">\(text)</text>"
    }
  }

  private var groups: [(x: Double, y: Double, numbers: [Int])] {
    points.reduce(into: []) { groups, point in
      let (x, y) = place(point)
      let near = groups.firstIndex { (x - $0.x).magnitude < 5 && (y - $0.y).magnitude < 5 }
      if let near {
        groups[near].numbers.append(point.number)
      } else {
        groups.append((x, y, [point.number]))
      }
    }
  }

  /// Where a label or a point is drawn.
  private struct Box {
    var left: Double
    var right: Double
    var top: Double
    var bottom: Double

    var isInside: Bool {
      left >= PlotFrame.left && right <= PlotFrame.width && top >= 0 && bottom <= PlotFrame.bottom
    }

    /// Area shared with `others`.
    func overlap(_ others: [Box]) -> Double {
      others.reduce(0) { area, other in
        area
          + max(0, min(right, other.right) - max(left, other.left))
          * max(0, min(bottom, other.bottom) - max(top, other.top))
      }
    }
  }
}
