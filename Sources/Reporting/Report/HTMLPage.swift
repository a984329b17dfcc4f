import Presentation

/// A page as one HTML file that needs nothing else: no network, no library. It follows the reader's
/// light or dark setting, works by keyboard and without script (which only adds reading values off
/// the plots).
struct HTMLPage {
  /// A number that stands above the plots.
  struct Tile {
    /// What a number is held against, and what came of it.
    enum Verdict: String {
      case good, bad
    }

    var name: String
    var value: String
    var verdict: Verdict?

    init(_ name: String, _ value: String, _ verdict: Verdict? = nil) {
      self.name = name
      self.value = value
      self.verdict = verdict
    }

    /// A share that is to reach `asked`.
    init(_ name: String, _ share: Double, atLeast asked: Double) {
      self.init(
        "\(name), asked \(Numbers.percent(asked))", Numbers.percent(share),
        share >= asked ? .good : .bad)
    }
  }

  /// What kind of page it is, one word.
  var kind: String
  var title: String
  var subtitle: String
  /// What the page is asked first, answered in sentences.
  var answer: [String] = []
  var tiles: [Tile]
  /// Sentences.
  var notes: [String]
  /// HTML; empty ones are left out.
  var sections: [String]

  /// The file.
  var html: String {
    let title = Markup.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '\(ReportScript.digest)'">
      <link rel="icon" href="data:,">
      <title>\(title) – sla-planner \(kind)</title>
      <style>\(ReportStyle.text)</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the plots</a>
      <header>
      <p class="kind">sla-planner \(kind)</p>
      <h1>\(title)</h1>
      <p class="span">\(Markup.escaped(subtitle))</p>
      \(lead)<dl class="tiles">\(tiles.map(Self.tile).joined())</dl>
      \(notes.map { "<p class=\"note\">\(Markup.escaped($0))</p>" }.joined(separator: "\n"))
      </header>
      <main id="main" tabindex="-1">
      \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
      </main>
      <script>\(ReportScript.text)</script>
      </body>
      </html>

      """
  }

  private var lead: String {
    guard !answer.isEmpty else { return "" }
    return
      "<div class=\"answer\">\(answer.map { "<p>\(Markup.escaped($0))</p>" }.joined())</div>\n"
  }

  private static func tile(_ tile: Tile) -> String {
    "<div\(tile.verdict.map { " class=\"\($0.rawValue)\"" } ?? "")><dt>\(Markup.escaped(tile.name))</dt><dd>\(Markup.escaped(tile.value))</dd></div>"
  }

  /// Plots under a heading; empty when there is none.
  ///
  /// - Parameters:
  ///   - id: what links lead to it by; nil for none.
  ///   - note: a sentence under the heading.
  static func section(
    _ title: String, id: String? = nil, note: String? = nil, _ plots: [String]
  ) -> String {
    let plots = plots.filter { !$0.isEmpty }
    guard !plots.isEmpty else { return "" }
    let anchor = id.map { " id=\"\($0)\"" } ?? ""
    let lead = note.map { "<p class=\"note lead\">\(Markup.escaped($0))</p>" } ?? ""
    return
      "<section\(anchor)><h2>\(Markup.escaped(title))</h2>\(lead)<div class=\"plots\">\(plots.joined(separator: "\n"))</div></section>"
  }
}
