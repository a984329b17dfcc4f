import Glibc
import Testing

@testable import Forecasting

/// The original's Kalman predictor, rebuilt around our filter: raw (it may go negative), with NaN
/// counted as 0 as the original does. ``SeriesPredictor`` differs on purpose: it never forecasts
/// below 0 (departure 2), honours the minimum of points (3), and refuses NaN (17).
private struct OriginalKalman {
  let settings: PredictorSettings
  var filter: LocalLinearTrendFilter?
  var skipsZeros = true
  var last = 0.0
  var count = 0

  init(_ settings: PredictorSettings) { self.settings = settings }

  mutating func add(_ raw: Double) {
    let value = raw.isNaN ? 0 : raw
    if value == 0, skipsZeros { return }
    skipsZeros = false
    last = value
    count += 1
    let modelled = settings.usesLog1p ? log1p(max(0, value)) : value
    if filter == nil {
      filter = LocalLinearTrendFilter(
        startingAt: modelled, levelNoise: max(1e-12, settings.kalmanLevelNoise),
        trendNoise: max(1e-12, settings.kalmanTrendNoise),
        measurementNoise: max(1e-9, settings.kalmanMeasurementNoise))
    } else {
      filter?.predict()
      filter?.update(modelled)
    }
  }

  var predicted: LocalLinearTrendFilter? {
    var next = filter
    next?.predict()
    return next
  }

  var forecast: Double {
    guard let predicted else { return 0 }
    return settings.usesLog1p ? max(0, expm1(predicted.level)) : predicted.level
  }
}

@Suite struct KalmanGoldenTests {
  @Test("the filter forecasts what the reference forecasts on every series")
  func theFilterForecastsWhatTheReferenceForecastsOnEverySeries() throws {
    let cases = try GoldenPredictorCases.load("kalman").cases
    #expect(cases.count > 80)
    for reference in cases {
      let settings = try #require(reference.config).settings(.kalman)
      var ours = OriginalKalman(settings)
      for (index, value) in reference.values.enumerated() {
        ours.add(value)
        #expect(
          agree(ours.forecast, reference.forecasts[index]),
          "\(reference.name)[\(index)]: \(ours.forecast) ≠ \(reference.forecasts[index])")
      }
      try expectState(ours.predicted, reference.final_state, reference.name)
    }
  }

  @Test("the filter follows the reference through every sequence of operations")
  func theFilterFollowsTheReferenceThroughEverySequenceOfOperations() throws {
    let cases = try GoldenPredictorCases.load("kalman").op_cases
    #expect(cases.count > 50)
    for reference in cases {
      let settings = try #require(reference.config).settings(.kalman)
      var ours = OriginalKalman(settings)
      var hasPredicted = false
      for (operation, expected) in zip(reference.ops, reference.outs) {
        switch operation {
        case .add(let value):
          let before = ours.count
          ours.add(value)
          if ours.count > before { hasPredicted = false }
        case .predict:
          hasPredicted = true
          let forecast = try #require(expected)
          #expect(agree(ours.forecast, forecast), "\(reference.name)")
        case .last: #expect(ours.last == expected, "\(reference.name)")
        case .resetIdle: ours.skipsZeros = true
        }
      }
      #expect(ours.count == reference.final_state.buffer_len, "\(reference.name)")
      // The reference's state is the predicted one where it has just predicted.
      try expectState(
        hasPredicted ? ours.predicted : ours.filter, reference.final_state, reference.name)
    }
  }

  @Test("the wrapped predictor is the filter kept at or above zero")
  func theWrappedPredictorIsTheFilterKeptAtOrAboveZero() throws {
    for reference in try GoldenPredictorCases.load("kalman").cases {
      let settings = try #require(reference.config).settings(.kalman)
      guard reference.values.allSatisfy({ $0 >= 0 && $0.isFinite }) else { continue }
      var ours = SeriesPredictor(settings: settings)
      var outliers = OutlierFilter()
      var bounds = ForecastBounds()
      for (index, value) in reference.values.enumerated() {
        ours.observe(value, intervalEnd: index)
        var expected = reference.forecasts[index]
        if ours.last != nil {
          // The reference follows outliers; from the first one on they part.
          guard outliers.judge(value, intervalEnd: index).counts else { break }
          // It also forecasts what nothing speaks for: 83,762 of values up to 2,000.
          bounds.observe(value, intervalEnd: index)
          expected = bounds.bounded(expected, step: 1)
        }
        expected = max(0, expected)
        let forecast = ours.forecast()?.first ?? 0
        #expect(agree(forecast, expected), "\(reference.name)[\(index)]")
      }
    }
  }

  private func expectState(
    _ filter: LocalLinearTrendFilter?, _ state: GoldenPredictorCases.State?, _ name: String
  ) throws {
    let x = try #require(state?.x)
    let P = try #require(state?.P)
    guard let filter else {
      #expect(x == [0, 0] && state?.initialized == false, "\(name)")
      return
    }
    #expect(agree(filter.level, x[0]) && agree(filter.trend, x[1]), "\(name)")
    #expect(agree(filter.levelVariance, P[0][0]), "\(name)")
    #expect(agree(filter.covariance, P[0][1]), "\(name)")
    #expect(agree(filter.trendVariance, P[1][1]), "\(name)")
  }
}
