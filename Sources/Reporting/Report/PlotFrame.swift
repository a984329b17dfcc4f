import Presentation

/// The drawing area that all plots share: small enough to be legible on a phone, several of them
/// side by side on a desktop.
struct PlotFrame {
  static let width = 400.0
  static let height = 204.0
  static let left = 46.0
  static let right = 388.0
  static let top = 10.0
  static let bottom = 168.0

  /// The plot's name for links, unique in the page.
  let id: String
  let title: String
  /// What a reader who doesn't see the plot is told.
  let summary: String

  /// Where `value` of the span `low`…`high` stands between `from` and `to`.
  static func place(_ value: Double, _ low: Double, _ high: Double, from: Double, to: Double)
    -> Double
  {
    high > low ? from + (value - low) / (high - low) * (to - from) : from
  }

  /// The SVG element around `content`.
  func svg(_ content: [String]) -> String {
    let open =
      "<svg class=\"chart\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" tabindex=\"0\" aria-labelledby=\"\(id)-t \(id)-d\">"
    let names =
      "<title id=\"\(id)-t\">\(Markup.escaped(title))</title><desc id=\"\(id)-d\">\(Markup.escaped(summary))</desc>"
    return ([open, names] + content + ["</svg>"]).joined(separator: "\n")
  }

  /// Grid lines and labels of the axis at the left.
  static func left(_ axis: NumberAxis) -> [String] {
    axis.ticks.map { tick in
      let y = Markup.coordinate(place(tick, axis.low, axis.high, from: bottom, to: top))
      let kind = tick == axis.low ? "base" : "grid"
      return
        "<path class=\"\(kind)\" d=\"M\(Markup.coordinate(left)) \(y)H\(Markup.coordinate(right))\"/><text x=\"\(Markup.coordinate(left - 6))\" y=\"\(y)\" dy=\"4\" class=\"end\">\(axis.label(tick))</text>"
    }
  }

  /// A label below the plot, moved inwards where it would be cut off.
  static func below(_ label: String, x: Double, row: Int = 0) -> String {
    let reach = Double(label.count) * 3.4
    let x = min(max(x, reach + 2), width - reach - 2)
    return
      "<text class=\"middle\" x=\"\(Markup.coordinate(x))\" y=\"\(Markup.coordinate(bottom + 16 + Double(row) * 14))\">\(label)</text>"
  }

  /// Ticks and labels of the axis of time.
  static func below(_ axis: TimeAxis) -> [String] {
    axis.ticks.flatMap { tick in
      let x = place(tick.time, axis.start, axis.end, from: left, to: right)
      let mark =
        "<path class=\"base\" d=\"M\(Markup.coordinate(x)) \(Markup.coordinate(bottom))v4\"/>"
      return [mark, below(tick.label, x: x)]
        + (tick.subLabel.map { [below($0, x: x, row: 1)] } ?? [])
    }
  }

  /// Ticks and labels of an axis of numbers below the plot.
  static func below(_ axis: NumberAxis, name: String) -> [String] {
    axis.ticks.flatMap { tick in
      let x = place(tick, axis.low, axis.high, from: left, to: right)
      return [
        "<path class=\"grid\" d=\"M\(Markup.coordinate(x)) \(Markup.coordinate(top))V\(Markup.coordinate(bottom))\"/>",
        below(axis.label(tick), x: x),
      ]
    } + [below(Markup.escaped(name), x: (left + right) / 2, row: 1)]
  }
}

/// How a series is drawn; the raw value is its CSS class.
enum PlotStyle: String {
  case first, second, third
  /// Wide and pale, so that what covers it can still be told from it.
  case under
  /// A filled ground.
  case area
  case target
  /// One of several of a kind.
  case hue1, hue2, hue3, hue4, hue5, hue6, hue7, hue8

  /// Colours for several of a kind.
  static let hues: [PlotStyle] = [.hue1, .hue2, .hue3, .hue4, .hue5, .hue6, .hue7, .hue8]

  /// What is drawn later covers what was drawn before.
  var layer: Int {
    switch self {
    case .area: 0
    case .under: 1
    case .third, .target: 2
    case .first, .hue1, .hue2, .hue3, .hue4, .hue5, .hue6, .hue7, .hue8: 3
    case .second: 4
    }
  }
}
