import Presentation
import Simulation
import Presentation

/// Policies as points: how many requests they serve well against what they cost. Inline SVG, light
/// and dark, no script, no network.
public struct ParetoPlot: Sendable {
  private let comparison: PolicyComparison
  private let title: String

  private static let size = (width: 1000.0, height: 520.0)
  private static let area = (left: 70.0, top: 50.0, right: 560.0, bottom: 460.0)

  /// Creates a plot.
  public init(_ comparison: PolicyComparison, title: String) {
    self.comparison = comparison
    self.title = title
  }

  /// The SVG document. Policies without a request have no point.
  public var svg: String {
    let points = points
    let front = Set(comparison.paretoFront)
    let scale = PlotScale(
      x: points.map(\.gpuHours), y: points.map(\.attainment), area: Self.area)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.size.width)) \(Int(Self.size.height))\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"system-ui, sans-serif\" font-size=\"13\">",
      "<title id=\"title\">\(Markup.escaped(title))</title>",
      "<desc id=\"desc\">Share of requests within both latency targets against GPU-hours, one point a policy.</desc>",
      Self.style, "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"ink\" x=\"\(Int(Self.area.left))\" y=\"26\" font-size=\"16\">\(Markup.escaped(title))</text>",
    ]
    lines += axes(scale)
    lines += frontLine(points.filter { front.contains($0.index) }, scale)
    for (order, point) in points.enumerated() {
      lines += marks(point, order: order, isFront: front.contains(point.index), scale)
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private struct Point {
    var index: Int
    var name: String
    var gpuHours: Double
    /// Per cent.
    var attainment: Double
  }

  private var points: [Point] {
    comparison.results.enumerated().compactMap { index, result in
      result.total.attainment.map {
        Point(
          index: index, name: result.policy, gpuHours: result.total.gpuHours, attainment: $0 * 100)
      }
    }
  }

  private func axes(_ scale: PlotScale) -> [String] {
    let (left, top, right, bottom) = Self.area
    var lines: [String] = []
    for tick in scale.xTicks {
      let x = Self.coordinate(scale.x(tick))
      lines.append("<path class=\"grid\" d=\"M\(x) \(top)V\(bottom)\"/>")
      lines.append(
        "<text class=\"ink\" x=\"\(x)\" y=\"\(bottom + 20)\" text-anchor=\"middle\">\(Numbers.exact(tick))</text>"
      )
    }
    for tick in scale.yTicks {
      let y = Self.coordinate(scale.y(tick))
      lines.append("<path class=\"grid\" d=\"M\(left) \(y)H\(right)\"/>")
      lines.append(
        "<text class=\"ink\" x=\"\(left - 8)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(Numbers.exact(tick))</text>"
      )
    }
    lines.append(
      "<text class=\"ink\" x=\"\((left + right) / 2)\" y=\"\(bottom + 44)\" text-anchor=\"middle\">GPU-hours</text>"
    )
    lines.append(
      "<text class=\"ink\" transform=\"translate(20 \((top + bottom) / 2)) rotate(-90)\" text-anchor=\"middle\">requests within both targets, %</text>"
    )
    return lines
  }

  private func frontLine(_ front: [Point], _ scale: PlotScale) -> [String] {
    guard front.count > 1 else { return [] }
    let sorted = front.sorted { ($0.gpuHours, $0.attainment) < ($1.gpuHours, $1.attainment) }
    let path = sorted.enumerated().map { order, point in
      "\(order == 0 ? "M" : "L")\(Self.coordinate(scale.x(point.gpuHours))) \(Self.coordinate(scale.y(point.attainment)))"
    }.joined()
    return ["<path class=\"front\" d=\"\(path)\"/>"]
  }

  /// A numbered point, and its line in the legend.
  private func marks(
    _ point: Point, order: Int, isFront: Bool, _ scale: PlotScale
  ) -> [String] {
    let values =
      "\(Numbers.fixed(point.attainment, 2)) %, \(Numbers.fixed(point.gpuHours, 1)) GPU-hours"
    let name = Markup.escaped(point.name)
    let x = Self.coordinate(scale.x(point.gpuHours))
    let y = Self.coordinate(scale.y(point.attainment))
    let kind = isFront ? "point best" : "point"
    let row = Self.area.top + 10 + Double(order) * 18
    return [
      "<g><title>\(name): \(values)</title><circle class=\"\(kind)\" cx=\"\(x)\" cy=\"\(y)\" r=\"9\"/><text class=\"number\" x=\"\(x)\" y=\"\(y)\" dy=\"4\" text-anchor=\"middle\" font-size=\"11\">\(order + 1)</text></g>",
      "<text class=\"ink\" x=\"\(Self.area.right + 20)\" y=\"\(Self.coordinate(row))\" font-size=\"12\"><tspan\(isFront ? " font-weight=\"bold\"" : "")>\(order + 1)  \(name)</tspan><title>\(values)</title></text>",
    ]
  }

  private static let style = """
    <style>
    .ground{fill:#fff}.ink{fill:#222}.grid{stroke:#ddd;fill:none}
    .front{stroke:#1a7f37;stroke-width:2;fill:none}
    .point{fill:#57606a}.best{fill:#1a7f37}.number{fill:#fff}
    @media (prefers-color-scheme: dark){
    .ground{fill:#0d1117}.ink{fill:#e6edf3}.grid{stroke:#30363d}
    .front{stroke:#3fb950}.point{fill:#8b949e}.best{fill:#3fb950}.number{fill:#0d1117}}
    </style>
    """

  private static func coordinate(_ value: Double) -> String {
    Numbers.fixed(value, 1)
  }
}

/// Where values stand in a plot, and at which round values there are ticks.
struct PlotScale {
  let xTicks: [Double]
  let yTicks: [Double]
  private let area: (left: Double, top: Double, right: Double, bottom: Double)

  init(
    x: [Double], y: [Double], area: (left: Double, top: Double, right: Double, bottom: Double)
  ) {
    self.area = area
    xTicks = Self.ticks(from: 0, to: max(x.max() ?? 1, 1e-9))
    let lowest = min(y.min() ?? 0, 99)
    yTicks = Self.ticks(from: lowest > 50 ? lowest : 0, to: 100)
  }

  func x(_ value: Double) -> Double {
    area.left + (value - xTicks[0]) / (xTicks[xTicks.count - 1] - xTicks[0])
      * (area.right - area.left)
  }

  func y(_ value: Double) -> Double {
    area.bottom - (value - yTicks[0]) / (yTicks[yTicks.count - 1] - yTicks[0])
      * (area.bottom - area.top)
  }

  /// Four to ten multiples of 1, 2 or 5 times a power of ten that enclose `low`…`high`.
  static func ticks(from low: Double, to high: Double) -> [Double] {
    var step = 1e-9
    let factors = [2.0, 2.5, 2]
    var turn = 0
    while (high - low) / step > 6, step < 1e15 {
      step *= factors[turn % 3]
      turn += 1
    }
    let first = (low / step).rounded(.down)
    let last = max(first + 1, (high / step - 1e-9).rounded(.up))
    // Decimal steps are kept exact by dividing by whole numbers.
    return stride(from: first, through: last, by: 1).map { index in
      step < 1 ? (index / (1 / step).rounded()) : index * step.rounded()
    }
  }
}
