import Testing

@testable import Forecasting

@Suite struct ForecastBacktestTests {
  @Test("the scores are their definitions")
  func theScoresAreTheirDefinitions() throws {
    let settings = PredictorSettings(kind: .constant)
    let backtest = ForecastBacktest(of: [10, 14, 12, 12], from: 1, settings: settings)
    #expect(backtest.forecasts == [10, 14, 12])
    let score = try #require(backtest.score)
    #expect(score.count == 3)
    #expect(abs(score.mae - 2) < 1e-12)
    #expect(abs(score.rmse - (20.0 / 3).squareRoot()) < 1e-12)
    #expect(abs(score.smapePercent - 200 * (4.0 / 24 + 2.0 / 26) / 3) < 1e-9)
  }

  @Test("the interval contains the forecast")
  func theIntervalContainsTheForecast() {
    var noise = SeededNoise(seed: 18)
    let values = (0..<120).map { _ in max(0, 20 + 15 * noise.next()) }
    let backtest = ForecastBacktest(
      of: values, from: 1, settings: PredictorSettings(kind: .kalman))
    for index in backtest.forecasts.indices {
      #expect(backtest.lower[index] <= backtest.forecasts[index])
      #expect(backtest.forecasts[index] <= backtest.upper[index])
      #expect(backtest.lower[index] >= 0)
    }
  }

  @Test("beyond the end there is nothing to score")
  func beyondTheEndThereIsNothingToScore() {
    let backtest = ForecastBacktest(
      of: [1, 2, 3], from: 3, settings: PredictorSettings(kind: .constant))
    #expect(backtest.score == nil)
  }
}
