import Testing

@testable import Forecasting

@Suite struct RunningMedianPredictorTests {
  @Test("it forecasts the median of the last values")
  func itForecastsTheMedianOfTheLastValues() {
    var predictor = RunningMedianPredictor(window: 3)
    #expect(predictor.forecast(steps: 1) == [])
    for (value, expected) in [(4.0, 4.0), (8, 6), (100, 8), (5, 8), (6, 6)] {
      predictor.observe(value, intervalEnd: 0)
      #expect(predictor.forecast(steps: 2) == [expected, expected])
    }
  }
}
