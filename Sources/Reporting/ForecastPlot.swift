import Forecasting
import Presentation

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A picture of a series, its one-step forecasts and their intervals, as SVG.
public struct ForecastPlot: Sendable {
  private static let width = 960.0
  private static let height = 420.0
  private static let left = 72.0
  private static let right = 16.0
  private static let top = 48.0
  private static let bottom = 40.0

  private let values: [Double]
  private let backtest: ForecastBacktest
  private let title: String
  private let ceiling: Double

  /// Creates a picture.
  ///
  /// - Parameters:
  ///   - values: the whole series, not empty.
  ///   - backtest: its forecasts.
  ///   - title: what the picture shows.
  public init(values: [Double], backtest: ForecastBacktest, title: String) {
    self.values = values
    self.backtest = backtest
    self.title = title
    let largest = (values + backtest.upper + backtest.forecasts).max() ?? 0
    ceiling = largest > 0 ? min(largest, 1e300) : 1
  }

  /// The SVG document.
  public var svg: String {
    let text = "font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\""
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.coordinate(Self.width)) \(Self.coordinate(Self.height))\" role=\"img\">",
      "<title>\(Markup.escaped(title))</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>",
      "<text x=\"\(Self.coordinate(Self.left))\" y=\"22\" \(text) font-weight=\"bold\">\(Markup.escaped(title))</text>",
    ]
    for tick in ticks {
      let y = Self.coordinate(vertical(tick))
      parts.append(
        "<line x1=\"\(Self.coordinate(Self.left))\" x2=\"\(Self.coordinate(Self.width - Self.right))\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ddd\"/>"
      )
      parts.append(
        "<text x=\"\(Self.coordinate(Self.left - 6))\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\" \(text)>\(Numbers.exact(tick))</text>"
      )
    }
    let band =
      points(backtest.upper) + points(backtest.lower).reversed()
    parts.append(
      "<polygon points=\"\(band.joined(separator: " "))\" fill=\"#9ecae1\" fill-opacity=\"0.45\"/>")
    parts.append(line(values, from: 0, colour: "#444"))
    parts.append(line(backtest.forecasts, from: backtest.from, colour: "#d94801"))
    let legend = [("#444", "values"), ("#d94801", "forecasts"), ("#9ecae1", "interval")]
    for (index, entry) in legend.enumerated() {
      let x = Self.left + Double(index) * 110
      parts.append(
        "<rect x=\"\(Self.coordinate(x))\" y=\"30\" width=\"14\" height=\"6\" fill=\"\(entry.0)\"/><text x=\"\(Self.coordinate(x + 20))\" y=\"38\" \(text)>\(entry.1)</text>"
      )
    }
    parts.append(
      "<text x=\"\(Self.coordinate(Self.width / 2))\" y=\"\(Self.coordinate(Self.height - 10))\" text-anchor=\"middle\" \(text)>interval (0 … \(values.count - 1))</text>"
    )
    parts.append("</svg>")
    return parts.joined(separator: "\n") + "\n"
  }

  private func line(_ values: [Double], from: Int, colour: String) -> String {
    let points = points(values, from: from).joined(separator: " ")
    return
      "<polyline points=\"\(points)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.4\"/>"
  }

  private func points(_ values: [Double], from: Int? = nil) -> [String] {
    let first = from ?? backtest.from
    return values.enumerated().map { index, value in
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
