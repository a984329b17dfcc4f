import Presentation

/// A figure over time: heading, legend with values, drawing, and the values as a table, which is
/// also what the page's script reads.
struct TimeFigure {
  /// One entry of the legend, and of the table if its value changes.
  struct Entry {
    var name: String
    /// Its CSS class; nil for no swatch.
    var style: String?
    /// The newest value.
    var newest: String
    /// Whether that is the only one, so that the table has no column for it.
    var isFixed = false
  }

  /// The values of one part of time.
  struct Row {
    var time: Double
    /// Where it stands in the drawing.
    var x: Double
    /// One text for every entry that is not fixed.
    var cells: [String]
  }

  var id: String
  var title: String
  var unit: String
  var clock: ReportClock
  var legend: [Entry]
  var drawing: String
  var rows: [Row]

  var html: String {
    let entries = legend.map { entry in
      "<li>\(entry.style.map(Self.swatch) ?? "")<span>\(Markup.escaped(entry.name))</span> <b\(entry.isFixed ? "" : " class=\"v\"")>\(Markup.escaped(entry.newest))</b></li>"
    }
    let moment = rows.last.map { clock.text($0.time) } ?? ""
    let unit = self.unit.isEmpty ? "" : " <small>\(Markup.escaped(self.unit))</small>"
    return """
      <figure class="plot time" id="\(id)">
      <figcaption><h3>\(Markup.escaped(title))\(unit)</h3></figcaption>
      <ul class="legend"><li class="at">\(moment)</li>\(entries.joined())</ul>
      \(drawing)
      <p class="live" aria-live="polite"></p>
      \(table)
      </figure>
      """
  }

  private var table: String {
    let columns = legend.filter { !$0.isFixed }
      .map { "<th scope=\"col\">\(Markup.escaped($0.name))</th>" }.joined()
    let body = rows.map { row in
      let cells = row.cells.map { "<td>\(Markup.escaped($0))</td>" }.joined()
      return
        "<tr data-x=\"\(Markup.coordinate(row.x))\"><th scope=\"row\">\(clock.text(row.time))</th>\(cells)</tr>"
    }
    let caption = Markup.escaped(unit.isEmpty ? title : "\(title), \(unit)")
    return """
      <details><summary>Values<span class="hidden"> of \(Markup.escaped(title))</span></summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Values of \(Markup.escaped(title))"><table>
      <caption>\(caption)</caption>
      <thead><tr><th scope="col">\(clock.heading)</th>\(columns)</tr></thead>
      <tbody>\(body.joined(separator: "\n"))</tbody>
      </table></div></details>
      """
  }

  /// A sample of how a series is drawn, for a legend.
  static func swatch(_ style: String) -> String {
    let shape =
      ["band", "area", "held"].contains(style)
      ? "<path class=\"\(style == "area" ? "line area" : style)\" d=\"M1 1H19V11H1Z\"/>"
      : ["point", "worker"].contains(style)
        ? "<circle class=\"\(style)\" cx=\"10\" cy=\"6\" r=\"4\"/>"
        : ReasonKind.allCases.contains { $0.style == style }
          ? "<path class=\"\(style)\" d=\"M1 1H19V11H1Z\"/>"
          : "<path class=\"line \(style)\" d=\"M1 6H19\"/>"
    return "<svg class=\"swatch\" viewBox=\"0 0 20 12\" aria-hidden=\"true\">\(shape)</svg>"
  }
}
