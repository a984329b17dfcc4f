import Testing

@testable import Forecasting

@Suite struct DailyNaivePredictorTests {
  @Test("it forecasts what the same time yesterday brought")
  func itForecastsWhatTheSameTimeYesterdayBrought() {
    var predictor = DailyNaivePredictor(intervalSeconds: 21_600)
    for index in 1...6 { predictor.observe(Double(index), intervalEnd: index * 21_600) }
    // Interval 7 is four after interval 3.
    #expect(predictor.forecast(steps: 2) == [3, 4])
  }

  @Test("it has no forecast without the day before")
  func itHasNoForecastWithoutTheDayBefore() {
    var predictor = DailyNaivePredictor(intervalSeconds: 21_600)
    #expect(predictor.forecast(steps: 1) == [])
    for index in 1...3 { predictor.observe(1, intervalEnd: index * 21_600) }
    #expect(predictor.forecast(steps: 1) == [])
    // A gap of a day: yesterday is unknown.
    predictor.observe(1, intervalEnd: 9 * 21_600)
    #expect(predictor.forecast(steps: 1) == [])
  }

  @Test("intervals that do not divide a day have no forecast", arguments: [7, 50_000, 1, Int.max])
  func intervalsThatDoNotDivideADayHaveNoForecast(_ seconds: Int) {
    var predictor = DailyNaivePredictor(intervalSeconds: seconds)
    predictor.observe(1, intervalEnd: 1)
    predictor.observe(1, intervalEnd: 86_401)
    #expect(predictor.forecast(steps: 1) == [])
  }
}
