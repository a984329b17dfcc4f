import Presentation

/// Series over time: the drawing, a legend that shows values, and the values as a table.
struct TimePlot {
  /// A line, or steps.
  struct Line {
    var name: String
    var style: PlotStyle
    var samples: SeriesSampler
    var isStep = false
    /// Whether the line runs through the middle of values that fall on one spot.
    var isMiddle = false
  }

  /// The range that a value was expected in.
  struct Band {
    var name: String
    var low: SeriesSampler
    var high: SeriesSampler
  }

  /// Parts of the time that something is to be known of.
  struct Shade {
    var name: String
    var value: String
    var parts: [Bool]
  }

  /// A value that doesn't change, such as a target.
  struct Rule {
    var name: String
    var value: Double
  }

  var id: String
  var title: String
  var unit: String
  var clock: ReportClock
  var grid: TimeGrid
  var lines: [Line]
  var band: Band?
  var rules: [Rule] = []
  /// The parts of the time that are shaded; nil for none.
  var shade: Shade?
  /// Whether the values are whole numbers.
  var isCount = false
  /// Whether the axis begins at 0.
  var beginsAtZero = true
  /// What is said when there is no value.
  var absence = "Nothing is known of this yet."

  /// The plot as a figure, or a sentence that says why there is none.
  var html: String {
    guard let axis = valueAxis else {
      return
        "<section class=\"plot\"><h3>\(Markup.escaped(title))</h3><p class=\"none\">\(Markup.escaped(absence))</p></section>"
    }
    let time = TimeAxis(start: grid.start, end: grid.end, clock: clock)
    let frame = PlotFrame(id: id, title: "\(title), \(unit)", summary: summary)
    let cursor =
      "<path class=\"cursor\" data-top=\"\(Markup.coordinate(PlotFrame.top))\" data-bottom=\"\(Markup.coordinate(PlotFrame.bottom))\" d=\"\"/>"
    let content =
      PlotFrame.left(axis) + PlotFrame.below(time) + drawing(axis) + [cursor]
    return TimeFigure(
      id: id, title: title, unit: unit, clock: clock, legend: legend,
      drawing: frame.svg(content), rows: rows
    ).html
  }

  private var shown: [Line] { lines.filter { !$0.samples.isEmpty } }

  private var valueAxis: NumberAxis? {
    let ranges = (shown.map(\.samples) + [band?.low, band?.high].compactMap { $0 })
      .compactMap(\.range)
    guard !shown.isEmpty, let low = ranges.map(\.lowerBound).min(),
      let high = ranges.map(\.upperBound).max()
    else { return nil }
    let fixed = rules.map(\.value).filter(\.isFinite)
    return NumberAxis(
      low: min(beginsAtZero ? 0 : low, low), high: max(high, fixed.max() ?? high),
      wholeSteps: isCount)
  }

  private var summary: String {
    let known = shown.compactMap { line in
      line.samples.range.map { range in
        "\(line.name) \(Numbers.grouped(range.lowerBound)) to \(Numbers.grouped(range.upperBound))"
      }
    }
    let fixed = rules.map { "\($0.name) \(Numbers.grouped($0.value))" }
    return
      "From \(clock.text(grid.start)) to \(clock.text(grid.end)): \((known + fixed).joined(separator: "; ")). The arrow keys move through the values; a table of them follows."
  }

  // MARK: Drawing

  private func drawing(_ axis: NumberAxis) -> [String] {
    func x(_ time: Double) -> String {
      Markup.coordinate(
        PlotFrame.place(
          time, grid.start, grid.end, from: PlotFrame.left, to: PlotFrame.right))
    }
    func y(_ value: Double) -> String {
      Markup.coordinate(
        PlotFrame.place(
          value, axis.low, axis.high, from: PlotFrame.bottom, to: PlotFrame.top))
    }
    var parts = shadePaths
    if let band { parts += bandPaths(band, x, y) }
    let layered = shown.enumerated().sorted {
      ($0.element.style.layer, $0.offset) < ($1.element.style.layer, $1.offset)
    }
    for (_, line) in layered { parts += path(line, x, y) }
    for rule in rules where rule.value.isFinite {
      parts.append(
        "<path class=\"line target\" d=\"M\(x(grid.start)) \(y(rule.value))H\(x(grid.end))\"/>")
    }
    return parts
  }

  /// Neighbouring parts are one path.
  private var shadePaths: [String] {
    guard let shade else { return [] }
    func x(_ index: Int) -> String {
      Markup.coordinate(
        PlotFrame.place(
          Double(index), 0, Double(grid.count), from: PlotFrame.left, to: PlotFrame.right))
    }
    var paths: [String] = []
    var start: Int?
    for index in 0...shade.parts.count {
      let isShaded = index < shade.parts.count && shade.parts[index]
      if isShaded, start == nil { start = index }
      guard !isShaded, let from = start else { continue }
      start = nil
      paths.append(
        "<path class=\"held\" d=\"M\(x(from)) \(Markup.coordinate(PlotFrame.top))H\(x(index))V\(Markup.coordinate(PlotFrame.bottom))H\(x(from))Z\"><title>\(Markup.escaped(shade.name))</title></path>"
      )
    }
    return paths
  }

  private func bandPaths(
    _ band: Band, _ x: (Double) -> String, _ y: (Double) -> String
  ) -> [String] {
    var pieces: [[(time: Double, low: Double, high: Double)]] = [[]]
    for case (let low?, let high?) in zip(band.low.buckets, band.high.buckets) {
      pieces[pieces.count - 1].append((low.last.time, low.lowest.value, high.highest.value))
      if low.gap != nil { pieces.append([]) }
    }
    return pieces.filter { $0.count > 1 }.map { piece in
      let there = piece.map { "\(x($0.time)) \(y($0.high))" }
      let back = piece.reversed().map { "\(x($0.time)) \(y($0.low))" }
      return "<path class=\"band\" d=\"M\((there + back).joined(separator: "L"))Z\"/>"
    }
  }

  private func path(
    _ line: Line, _ x: (Double) -> String, _ y: (Double) -> String
  ) -> [String] {
    let runs = line.isMiddle ? line.samples.middleRuns : line.samples.runs
    let pieces = runs.map { run in
      var path = ""
      var isFirst = true
      for point in run.points {
        if isFirst {
          path += "M\(x(point.time)) \(y(point.value))"
        } else if line.isStep {
          path += "H\(x(point.time))V\(y(point.value))"
        } else {
          path += "L\(x(point.time)) \(y(point.value))"
        }
        isFirst = false
      }
      if line.isStep { path += "H\(x(run.end))" }
      guard line.style == .area, let first = run.points.first else { return path }
      return path + "V\(y(0))H\(x(first.time))Z"
    }
    let title = "<title>\(Markup.escaped(line.name))</title>"
    let dots = runs.filter { $0.points.count == 1 }.flatMap(\.points).map { point in
      "<circle class=\"dot \(line.style.rawValue)\" cx=\"\(x(point.time))\" cy=\"\(y(point.value))\" r=\"2.5\"/>"
    }
    return [
      "<path class=\"line \(line.style.rawValue)\" d=\"\(pieces.joined())\">\(title)</path>"
    ] + dots
  }

  // MARK: Values

  private var legend: [TimeFigure.Entry] {
    var entries = shown.map {
      TimeFigure.Entry(
        name: $0.name, style: $0.style.rawValue,
        newest: $0.samples.last.map { Numbers.grouped($0.value) } ?? "–")
    }
    if let band, let low = band.low.last, let high = band.high.last {
      entries.append(
        TimeFigure.Entry(name: band.name, style: "band", newest: text(low.value, high.value)))
    }
    if let shade {
      entries.append(
        TimeFigure.Entry(name: shade.name, style: "held", newest: shade.value, isFixed: true))
    }
    return entries
      + rules.map {
        TimeFigure.Entry(
          name: $0.name, style: PlotStyle.target.rawValue, newest: Numbers.grouped($0.value),
          isFixed: true)
      }
  }

  private var rows: [TimeFigure.Row] {
    (0..<grid.count).compactMap { index in
      let known = shown.map { $0.samples.buckets[index] }
      guard let time = known.lazy.compactMap({ $0 }).first?.last.time else { return nil }
      var cells = known.map { bucket in
        bucket.map { text($0.lowest.value, $0.highest.value) } ?? "–"
      }
      if let band, !band.low.isEmpty {
        let (low, high) = (band.low.buckets[index], band.high.buckets[index])
        cells.append(
          low.flatMap { low in high.map { text(low.lowest.value, $0.highest.value) } } ?? "–")
      }
      return TimeFigure.Row(
        time: time,
        x: PlotFrame.place(
          time, grid.start, grid.end, from: PlotFrame.left, to: PlotFrame.right), cells: cells)
    }
  }

  private func text(_ low: Double, _ high: Double) -> String {
    let (first, last) = (Numbers.grouped(low), Numbers.grouped(high))
    return first == last ? first : "\(first)–\(last)"
  }
}
