import Testing

@testable import Forecasting

@Suite struct SeriesForecastTests {
  @Test("the forecast is that of the whole series")
  func theForecastIsThatOfTheWholeSeries() {
    let settings = PredictorSettings(kind: .constant)
    #expect(SeriesForecast(of: [1, 2, 5], settings: settings).forecast == 5)
    #expect(SeriesForecast(of: [0, 0], settings: settings).forecast == 0)
  }

  @Test("a rolling forecast uses only the values before each index")
  func aRollingForecastUsesOnlyTheValuesBeforeEachIndex() {
    let values: [Double] = [0, 0, 4, 6, 8, 10, 12, 14, 16, 18]
    let settings = PredictorSettings(kind: .kalman)
    let rolling = RollingForecast(of: values, from: 0, settings: settings)
    #expect(rolling.forecasts.count == values.count)
    #expect(rolling.forecasts[0] == nil)
    #expect(rolling.forecasts[1] == 0)
    for index in 1..<values.count {
      let alone = SeriesForecast(of: Array(values[..<index]), settings: settings)
      #expect(rolling.forecasts[index] == alone.forecast)
    }
  }

  @Test("a rolling forecast starts at the index asked for", arguments: [3, 10, 99])
  func aRollingForecastStartsAtTheIndexAskedFor(_ from: Int) {
    let values = (0..<10).map(Double.init)
    let rolling = RollingForecast(of: values, from: from, settings: PredictorSettings())
    #expect(rolling.from == from)
    #expect(rolling.forecasts.count == max(0, 10 - from))
  }
}
