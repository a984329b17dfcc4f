import Forecasting
import Presentation

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A picture of a series and its one-step forecasts, as SVG, light and dark: of one predictor with
/// their intervals, of several over each other.
public struct ForecastPlot: Sendable {
  private static let width = 960.0
  private static let height = 420.0
  private static let left = 72.0
  private static let right = 16.0
  private static let top = 48.0
  private static let bottom = 40.0

  private let values: [Double]
  private let backtests: [(name: String, backtest: ForecastBacktest)]
  private let title: String
  private let ceiling: Double

  /// Creates a picture.
  ///
  /// - Parameters:
  ///   - values: the whole series, not empty.
  ///   - backtests: the forecasts, with what the legend calls them.
  ///   - title: what the picture shows.
  public init(
    values: [Double], backtests: [(name: String, backtest: ForecastBacktest)], title: String
  ) {
    self.values = values
    self.backtests = backtests
    self.title = title
    let forecasts = backtests.flatMap { $0.backtest.forecasts }
    let upper = backtests.count == 1 ? backtests[0].backtest.upper : []
    let largest = (values + upper + forecasts).max() ?? 0
    ceiling = largest > 0 ? min(largest, 1e300) : 1
  }

  /// The SVG document.
  public var svg: String {
    let text = "class=\"ink\" font-family=\"sans-serif\" font-size=\"12\""
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.coordinate(Self.width)) \(Self.coordinate(Self.height))\" role=\"img\">",
      "<title>\(Markup.escaped(title))</title>",
      Self.style, "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
      "<text x=\"\(Self.coordinate(Self.left))\" y=\"22\" \(text) font-weight=\"bold\">\(Markup.escaped(title))</text>",
    ]
    for tick in ticks {
      let y = Self.coordinate(vertical(tick))
      parts.append(
        "<line x1=\"\(Self.coordinate(Self.left))\" x2=\"\(Self.coordinate(Self.width - Self.right))\" y1=\"\(y)\" y2=\"\(y)\" class=\"grid\"/>"
      )
      parts.append(
        "<text x=\"\(Self.coordinate(Self.left - 6))\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\" \(text)>\(Numbers.exact(tick))</text>"
      )
    }
    if backtests.count == 1 {
      let (from, backtest) = (backtests[0].backtest.from, backtests[0].backtest)
      let band =
        points(backtest.upper, from: from) + points(backtest.lower, from: from).reversed()
      parts.append("<polygon points=\"\(band.joined(separator: " "))\" class=\"band\"/>")
    }
    parts.append(line(values, from: 0, style: "values"))
    for (index, one) in backtests.enumerated() {
      parts.append(
        line(one.backtest.forecasts, from: one.backtest.from, style: "f\(index % Self.hues + 1)"))
    }
    for (index, entry) in legend.enumerated() {
      let x = Self.left + Double(index) * 110
      parts.append(
        "<rect x=\"\(Self.coordinate(x))\" y=\"30\" width=\"14\" height=\"6\" class=\"\(entry.style) key\"/><text x=\"\(Self.coordinate(x + 20))\" y=\"38\" \(text)>\(Markup.escaped(entry.name))</text>"
      )
    }
    parts.append(
      "<text x=\"\(Self.coordinate(Self.width / 2))\" y=\"\(Self.coordinate(Self.height - 10))\" text-anchor=\"middle\" \(text)>interval (0 … \(values.count - 1))</text>"
    )
    parts.append("</svg>")
    return parts.joined(separator: "\n") + "\n"
  }

  private var legend: [(style: String, name: String)] {
    let forecasts = backtests.enumerated().map { index, one in
      (style: "f\(index % Self.hues + 1)", name: backtests.count == 1 ? "forecasts" : one.name)
    }
    return [("values", "values")] + forecasts + (backtests.count == 1 ? [("band", "interval")] : [])
  }

  private static let hues = 5

  private static let style = """
    <style>
    .ground{fill:#fff}.ink{fill:#333}.grid{stroke:#ddd}polyline{fill:none;stroke-width:1.4}
    .values{stroke:#444}.f1{stroke:#c2410c}.f2{stroke:#1f5fa8}.f3{stroke:#2f7d4f}
    .f4{stroke:#8a3fa0}.f5{stroke:#96720a}.band{fill:#9ecae1;fill-opacity:.45;stroke:none}
    .key{stroke-width:6}.values.key{fill:#444}.f1.key{fill:#c2410c}.f2.key{fill:#1f5fa8}
    .f3.key{fill:#2f7d4f}.f4.key{fill:#8a3fa0}.f5.key{fill:#96720a}.key{stroke:none}
    @media (prefers-color-scheme: dark){
    .ground{fill:#0d1117}.ink{fill:#e6edf3}.grid{stroke:#30363d}.values{stroke:#9aa5b1}
    .f1{stroke:#f2955c}.f2{stroke:#6cb0f5}.f3{stroke:#65c18c}.f4{stroke:#c48be0}.f5{stroke:#e0b84a}
    .band{fill:#3d5470}.values.key{fill:#9aa5b1}.f1.key{fill:#f2955c}.f2.key{fill:#6cb0f5}
    .f3.key{fill:#65c18c}.f4.key{fill:#c48be0}.f5.key{fill:#e0b84a}}
    </style>
    """

  private func line(_ values: [Double], from: Int, style: String) -> String {
    let points = points(values, from: from).joined(separator: " ")
    return
      "<polyline points=\"\(points)\" class=\"\(style)\"/>"
  }

  private func points(_ values: [Double], from first: Int) -> [String] {
    values.enumerated().map { index, value in
      "\(Self.coordinate(horizontal(first + index))),\(Self.coordinate(vertical(value)))"
    }
  }

  private func horizontal(_ index: Int) -> Double {
    let span = Self.width - Self.left - Self.right
    return Self.left + span * Double(index) / Double(max(1, values.count - 1))
  }

  private func vertical(_ value: Double) -> Double {
    let span = Self.height - Self.top - Self.bottom
    return Self.top + span * (1 - min(value, ceiling) / ceiling)
  }

  /// About five round values from 0 to the ceiling: steps of 1, 2 or 5 times a power of ten.
  private var ticks: [Double] {
    let power = pow(10, (log10(ceiling / 5)).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= ceiling / 5 } ?? ceiling
    guard step > 0, step.isFinite else { return [0] }
    return (0...5).map { Double($0) * step }.filter { $0 <= ceiling }
  }

  private static func coordinate(_ value: Double) -> String {
    Numbers.fixed(value, 1)
  }
}
