import Testing

@testable import Forecasting

@Suite struct ConstantPredictorTests {
  @Test("it forecasts the reference's last values")
  func itForecastsTheReferencesLastValues() throws {
    for reference in try GoldenPredictorCases.load("constant").cases {
      var ours = SeriesPredictor(settings: PredictorSettings(kind: .constant))
      for (value, expected) in zip(reference.values, reference.forecasts) {
        ours.observe(value, intervalEnd: 0)
        #expect(ours.forecast()?.first ?? 0 == expected, "\(reference.name)")
      }
    }
  }

  @Test("it follows the reference through every sequence of operations")
  func itFollowsTheReferenceThroughEverySequenceOfOperations() throws {
    // Negative values are refused (departure 17); the original takes them.
    for reference in try GoldenPredictorCases.load("constant").op_cases
    where reference.name != "negative" {
      var ours = SeriesPredictor(settings: PredictorSettings(kind: .constant))
      for (operation, expected) in zip(reference.ops, reference.outs) {
        switch operation {
        // The original counts NaN as 0; ours refuses it, so the test says 0.
        case .add(let value): ours.observe(value.isNaN ? 0 : value, intervalEnd: 0)
        case .predict: #expect((ours.forecast()?.first ?? 0) == expected, "\(reference.name)")
        case .last: #expect((ours.last ?? 0) == expected, "\(reference.name)")
        case .resetIdle: ours.resetIdleSkip()
        }
      }
    }
  }

  @Test("it forecasts the last value for every step")
  func itForecastsTheLastValueForEveryStep() {
    var predictor = ConstantPredictor()
    #expect(predictor.forecast(steps: 3) == [])
    predictor.observe(7, intervalEnd: 180)
    #expect(predictor.forecast(steps: 3) == [7, 7, 7])
    #expect(predictor.forecast(steps: 0) == [])
  }
}
