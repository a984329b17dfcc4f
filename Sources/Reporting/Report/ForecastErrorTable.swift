import Presentation

/// The errors of each predictor next to those of the simplest forecast, the last value.
struct ForecastErrorTable {
  private let errors: ForecastErrors

  init(_ errors: ForecastErrors) { self.errors = errors }

  /// The table, or a sentence when no forecast can be judged yet.
  var html: String {
    let rows = errors.byPredictor.sorted { $0.key < $1.key }.flatMap { name, comparison in
      [
        row(name, comparison.predictor),
        row(
          errors.byPredictor.count == 1 ? "last value" : "last value, same intervals",
          comparison.lastValue),
      ]
    }
    guard !rows.isEmpty else {
      return
        "<section class=\"plot\"><h3>Errors of the forecast</h3><p class=\"none\">No forecast can be judged yet: its interval has not been observed.</p></section>"
    }
    return """
      <section class="plot"><h3>Errors of the forecast <small>requests/s</small></h3>
      <div class="scroll" tabindex="0" role="region" aria-label="Errors of the forecast"><table>
      <caption>Observed less forecast, one interval ahead. Bias above 0: too few were expected.</caption>
      <thead><tr><th scope="col">Predictor</th><th scope="col" class="n">Intervals</th><th scope="col" class="n">Mean abs.</th><th scope="col" class="n">RMS</th><th scope="col" class="n">Bias</th><th scope="col" class="n">Of traffic</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody>
      </table></div></section>
      """
  }

  private func row(_ name: String, _ tally: ForecastErrors.Tally) -> String {
    let numbers = [tally.meanAbsolute, tally.rootMeanSquare, tally.bias].map(Numbers.grouped)
    let cells = ["\(tally.count)"] + numbers + [tally.share.map(Numbers.percent) ?? "–"]
    return
      "<tr><th scope=\"row\">\(Markup.escaped(name))</th>\(cells.map { "<td class=\"n\">\($0)</td>" }.joined())</tr>"
  }
}
