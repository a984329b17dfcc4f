import Forecasting
import Invocation
import Presentation

/// All predictors on one series, the one with the smallest error first.
struct ForecastComparison: Encodable {
  /// The document's kind, for whoever reads it.
  var from: Int
  /// The quantile that pinball loss and coverage are of.
  var quantile: Double
  /// One score a predictor.
  var scores: [ForecastScore]
  /// What the scores are of, in their order; no part of the document.
  private(set) var backtests: [(name: String, backtest: ForecastBacktest)] = []

  enum CodingKeys: String, CodingKey {
    case from, quantile, scores
  }

  /// Runs every predictor.
  ///
  /// - Parameters:
  ///   - values: at least two values.
  ///   - from: index of the first value that is forecast, at least 1 and below the count.
  ///   - settings: the setting-up that all share.
  init(of values: [Double], from: Int, settings: PredictorSettings) {
    let clock = ContinuousClock()
    var scores: [ForecastScore] = []
    var backtests: [String: ForecastBacktest] = [:]
    for kind in PredictorKind.allCases {
      var own = settings
      own.kind = kind
      var score: ForecastScore?
      let elapsed = clock.measure {
        let backtest = ForecastBacktest(of: values, from: from, settings: own)
        backtests[kind.rawValue] = backtest
        score = backtest.score
      }
      score?.millisecondsPerForecast = elapsed / .milliseconds(1) / Double(values.count)
      if let score { scores.append(score) }
    }
    self.from = from
    quantile = settings.forecastQuantile ?? 0.9
    // Ties (a constant series) stay in the order of the predictors.
    self.scores = scores.enumerated().sorted {
      ($0.element.mae, $0.offset) < ($1.element.mae, $1.offset)
    }.map(\.element)
    self.backtests = self.scores.compactMap { score in
      backtests[score.predictor.rawValue].map { (score.predictor.rawValue, $0) }
    }
  }

  /// The table that people read.
  var text: String {
    let table = TextTable.lines(
      [["predictor", "MAE", "sMAPE %", "RMSE", "pinball", "coverage", "ms/forecast"]]
        + scores.map { score in
          [
            score.predictor.rawValue, rounded(score.mae, 3), rounded(score.smapePercent, 1),
            rounded(score.rmse, 3), rounded(score.pinballLoss, 3), rounded(score.coverage, 3),
            rounded(score.millisecondsPerForecast ?? 0, 3),
          ]
        }, indent: "  ", gap: "   ")
    let count = scores.first?.count ?? 0
    return
      ([
        "\(count) one-step forecasts from index \(from) on; pinball loss and coverage of the quantile \(quantile):"
      ] + table).joined(separator: "\n")
  }

  /// `value` with `digits` digits after the point, as short as it can be said.
  private func rounded(_ value: Double, _ digits: Int) -> String {
    let scale = [1, 10, 100, 1000][min(digits, 3)]
    let rounded = (value * Double(scale)).rounded() / Double(scale)
    return rounded.isFinite ? "\(rounded)" : "\(value)"
  }
}
