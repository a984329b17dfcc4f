import Testing

@testable import Forecasting

@Suite("bounds of a forecast")
struct ForecastBoundsTests {
  private func bounds(_ values: [Double], seconds: Int = 180) -> ForecastBounds {
    var bounds = ForecastBounds()
    for (index, value) in values.enumerated() {
      bounds.observe(value, intervalEnd: (index + 1) * seconds)
    }
    return bounds
  }

  @Test("1,208 is no forecast of a series that never left 90…120")
  func unboundedForecast() {
    let bounds = bounds([90, 120, 100, 110, 95, 105])
    #expect(bounds.bounded(1208, step: 1) == 120 + 3 * 30)
    #expect(bounds.bounded(0, step: 1) == 90 - 3 * 20)
    #expect(bounds.bounded(100, step: 1) == 100)
  }

  @Test("a line goes on, also beyond what was seen of it")
  func line() {
    let bounds = bounds([10, 20, 30, 40, 50])
    #expect(bounds.bounded(60, step: 1) == 60)
    #expect(bounds.bounded(250, step: 20) == 250)
  }

  @Test("what the day brought may come again at once")
  func recordOfADay() {
    let day = [Double](repeating: 900, count: 10) + [Double](repeating: 100, count: 200)
    #expect(bounds(day).bounded(900, step: 1) == 900)
    let longAgo = day + [Double](repeating: 100, count: 300)
    #expect(bounds(longAgo).bounded(900, step: 1) == 100)
  }

  @Test("fewer than five values bound nothing")
  func fewValues() {
    #expect(bounds([1, 2, 3, 4]).bounded(1000, step: 1) == 1000)
  }
}
