import Presentation
import Simulation
import Presentation

/// Policies as points: how many requests they serve well against what they cost. Inline SVG, light
/// and dark, no script, no network.
public struct ParetoPlot: Sendable {
  private let points: [ParetoPoint]
  private let across: NumberAxis
  private let up: NumberAxis
  private let title: String

  private static let size = (width: 1000.0, height: 520.0)
  private static let area = (left: 70.0, top: 50.0, right: 560.0, bottom: 460.0)

  /// Creates a plot.
  public init(_ comparison: PolicyComparison, title: String) {
    points = ParetoPoint.all(comparison)
    across = points.across
    up = points.up
    self.title = title
  }

  /// The SVG document. Policies without a request have no point.
  public var svg: String {
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.size.width)) \(Int(Self.size.height))\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"system-ui, sans-serif\" font-size=\"13\">",
      "<title id=\"title\">\(Markup.escaped(title))</title>",
      "<desc id=\"desc\">Share of requests within both latency targets against GPU-hours, one point a policy.</desc>",
      Self.style, "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"ink\" x=\"\(Int(Self.area.left))\" y=\"26\" font-size=\"16\">\(Markup.escaped(title))</text>",
    ]
    lines += axes + frontLine
    for (order, point) in points.enumerated() { lines += marks(point, order: order) }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func x(_ gpuHours: Double) -> String {
    Markup.coordinate(
      PlotFrame.place(
        gpuHours, across.low, across.high, from: Self.area.left, to: Self.area.right))
  }

  private func y(_ attainment: Double) -> String {
    Markup.coordinate(
      PlotFrame.place(attainment, up.low, up.high, from: Self.area.bottom, to: Self.area.top))
  }

  private var axes: [String] {
    let (left, top, right, bottom) = Self.area
    var lines: [String] = []
    for tick in across.ticks {
      let x = x(tick)
      lines.append("<path class=\"grid\" d=\"M\(x) \(top)V\(bottom)\"/>")
      lines.append(
        "<text class=\"ink\" x=\"\(x)\" y=\"\(bottom + 20)\" text-anchor=\"middle\">\(across.label(tick))</text>"
      )
    }
    for tick in up.ticks {
      let y = y(tick)
      lines.append("<path class=\"grid\" d=\"M\(left) \(y)H\(right)\"/>")
      lines.append(
        "<text class=\"ink\" x=\"\(left - 8)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(up.label(tick))</text>"
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

  private var frontLine: [String] {
    let front = points.front
    guard front.count > 1 else { return [] }
    let path = front.map { "\(x($0.gpuHours)) \(y($0.attainment))" }.joined(separator: "L")
    return ["<path class=\"front\" d=\"M\(path)\"/>"]
  }

  /// A numbered point, and its line in the legend.
  private func marks(_ point: ParetoPoint, order: Int) -> [String] {
    let values =
      "\(Numbers.fixed(point.attainment, 2)) %, \(Numbers.fixed(point.gpuHours, 1)) GPU-hours"
    let name = Markup.escaped(point.name)
    let x = x(point.gpuHours)
    let y = y(point.attainment)
    let kind = point.isBest ? "point best" : "point"
    let row = Self.area.top + 10 + Double(order) * 18
    return [
      "<g><title>\(name): \(values)</title><circle class=\"\(kind)\" cx=\"\(x)\" cy=\"\(y)\" r=\"9\"/><text class=\"number\" x=\"\(x)\" y=\"\(y)\" dy=\"4\" text-anchor=\"middle\" font-size=\"11\">\(point.number)</text></g>",
      "<text class=\"ink\" x=\"\(Self.area.right + 20)\" y=\"\(Markup.coordinate(row))\" font-size=\"12\"><tspan\(point.isBest ? " font-weight=\"bold\"" : "")>\(point.number)  \(name)</tspan><title>\(values)</title></text>",
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
}
