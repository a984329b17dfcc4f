import Foundation
import Testing

@testable import Forecasting

@Suite struct ARIMAFilterTests {
  private func model(
    _ ar: [Double] = [], _ ma: [Double] = [], d: Int = 0, mean: Double = 0, variance: Double = 1
  ) -> ARIMAFit {
    ARIMAFit(
      order: ARIMAOrder(p: ar.count, d: d, q: ma.count, hasMean: mean != 0), ar: ar, ma: ma,
      mean: mean, innovationVariance: variance, aic: 0, searchParameters: [])
  }

  @Test("it forecasts what the reference forecasts with its parameters")
  func itForecastsWhatTheReferenceForecastsWithItsParameters() throws {
    for fit in try ARIMAReference.load().fits where !fit.name.hasPrefix("alternating") {
      var filter = ARIMAFilter(fit.model(fit.params))
      for value in fit.series { filter.update(value) }
      let scale = fit.series.reduce(1) { max($0, abs($1)) }
      for (ours, reference) in zip(filter.forecast(steps: 5).values, fit.forecast_5) {
        // With d > 0 the reference starts with a finite variance, which wears off.
        let tolerance = fit.ndiffs == 0 ? 1e-7 : 1e-2
        #expect(abs(ours - reference) <= tolerance * scale, "\(fit.title): \(ours) \(reference)")
      }
    }
  }

  @Test("a walk forecasts its last value with a variance that grows by the step")
  func aWalkForecastsItsLastValueWithAVarianceThatGrowsByTheStep() {
    var filter = ARIMAFilter(model(d: 1, variance: 4))
    for value in [3.0, 5, 4, 9] { filter.update(value) }
    let forecast = filter.forecast(steps: 3)
    #expect(forecast.values == [9, 9, 9])
    #expect(forecast.variances == [4, 8, 12])
  }

  @Test("an autoregression reverts to its mean")
  func anAutoregressionRevertsToItsMean() {
    var filter = ARIMAFilter(model([0.5], mean: 10))
    for value in [12.0, 8, 14] { filter.update(value) }
    let forecast = filter.forecast(steps: 3)
    #expect(forecast.values == [12, 11, 10.5])
    #expect(forecast.variances == [1, 1.25, 1.3125])
  }

  @Test("exponential smoothing is an integrated moving average")
  func exponentialSmoothingIsAnIntegratedMovingAverage() {
    // ARIMA(0,1,1) with θ = α − 1 forecasts the exponentially smoothed level (Box and Jenkins).
    let alpha = 0.3
    var filter = ARIMAFilter(model([], [alpha - 1], d: 1))
    var noise = SeededNoise(seed: 2)
    var level = 0.0
    for time in 0..<400 {
      let value = 50 + 3 * noise.next()
      level = time == 0 ? value : level + alpha * (value - level)
      filter.update(value)
    }
    #expect(abs(filter.forecast(steps: 1).values[0] - level) < 1e-9)
  }

  @Test("a polynomial with a drift is continued", arguments: [0, 1, 2])
  func aPolynomialWithADriftIsContinued(_ d: Int) {
    func polynomial(_ time: Int) -> Double {
      [7, 7 + 3 * Double(time), 7 + 3 * Double(time) + 2 * Double(time * time)][d]
    }
    var filter = ARIMAFilter(model(d: d, mean: [7, 3, 4][d], variance: 0))
    for time in 0..<10 { filter.update(polynomial(time)) }
    let forecast = filter.forecast(steps: 3).values
    #expect(forecast == [polynomial(10), polynomial(11), polynomial(12)])
  }

  @Test("the innovations of its own model are white")
  func theInnovationsOfItsOwnModelAreWhite() {
    var noise = SeededNoise(seed: 8)
    let series = noise.process(2000, ar: [0.8, -0.3], ma: [0.5], mean: 100)
    var filter = ARIMAFilter(model([0.8, -0.3], [0.5], mean: 100))
    let innovations = series.compactMap { filter.update($0)?.standardised }
    let mean = innovations.reduce(0, +) / Double(innovations.count)
    let square = innovations.reduce(0) { $0 + $1 * $1 } / Double(innovations.count)
    let neighbours = zip(innovations, innovations.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    // Three standard errors.
    #expect(abs(mean) < 0.07)
    #expect(abs(square - 1) < 0.1)
    #expect(abs(neighbours) / Double(innovations.count) < 0.07)
  }

  @Test("saving and restoring at every step changes no bit")
  func savingAndRestoringAtEveryStepChangesNoBit() throws {
    var noise = SeededNoise(seed: 4)
    var straight = ARIMAFilter(model([0.6, 0.2], [-0.95], d: 1, mean: 0.3))
    var restored = straight
    for _ in 0..<60 {
      let value = noise.next()
      straight.update(value)
      restored.update(value)
      restored = try JSONDecoder().decode(
        ARIMAFilter.self, from: JSONEncoder().encode(restored))
      #expect(restored == straight)
    }
  }
}
