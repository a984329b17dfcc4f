import Foundation
import Testing

@testable import Forecasting

@Suite("The Prophet predictor")
struct ProphetPredictorTests {
  static let series: [Double] = (0..<140).map { index in
    let noise = Double((index * 7919) % 13)
    return 40 + 15 * sin(Double(index) / 9) + noise
  }

  @Test("before five values the last one is the forecast")
  func fewValues() {
    var predictor = ProphetPredictor(window: 50, intervalSeconds: 180)
    #expect(predictor.forecast(steps: 2).isEmpty)
    #expect(predictor.summary == ModelSummary())
    for (index, value) in [3.0, 9, 4, 7].enumerated() {
      predictor.observe(value, intervalEnd: index * 180)
      #expect(predictor.forecast(steps: 2) == [value, value])
      #expect(predictor.forecast(steps: 1, quantile: 0.9) == [value])
      #expect(predictor.summary.note != nil)
    }
    #expect(predictor.forecast(steps: 0).isEmpty)
    #expect(predictor.forecast(steps: -1).isEmpty)
  }

  @Test("only the window counts")
  func window() {
    var long = ProphetPredictor(window: 30, intervalSeconds: 180)
    var short = long
    for (index, value) in Self.series.enumerated() {
      long.observe(value, intervalEnd: index * 180)
      if index >= Self.series.count - 30 { short.observe(value, intervalEnd: index * 180) }
    }
    #expect(long == short)
    #expect(long.forecast(steps: 3) == short.forecast(steps: 3))
  }

  @Test("its stored size is bounded by the window")
  func bounded() throws {
    var predictor = ProphetPredictor(window: 20, intervalSeconds: 180)
    for index in 0..<10_000 { predictor.observe(1 / Double(index + 3), intervalEnd: index * 180) }
    #expect(try JSONEncoder().encode(predictor).count < 2000)
  }

  @Test(
    "saved and loaded at every step it forecasts the same, bit for bit", arguments: [180, 3600])
  func persistence(intervalSeconds: Int) throws {
    var whole = ProphetPredictor(window: 60, intervalSeconds: intervalSeconds)
    var stored = try JSONEncoder().encode(whole)
    for (index, value) in Self.series.enumerated() {
      var restored = try JSONDecoder().decode(ProphetPredictor.self, from: stored)
      restored.observe(value, intervalEnd: index * intervalSeconds)
      whole.observe(value, intervalEnd: index * intervalSeconds)
      #expect(restored == whole)
      #expect(
        restored.forecast(steps: 2).map(\.bitPattern) == whole.forecast(steps: 2).map(\.bitPattern))
      stored = try JSONEncoder().encode(restored)
    }
  }

  @Test("values and times that can't be right change nothing")
  func refusals() {
    var predictor = ProphetPredictor(window: 50, intervalSeconds: 180)
    for index in 0..<10 { predictor.observe(Double(index), intervalEnd: index * 180) }
    let before = predictor
    predictor.observe(.nan, intervalEnd: 1800)
    predictor.observe(.infinity, intervalEnd: 1800)
    predictor.observe(5, intervalEnd: 1620)
    predictor.observe(5, intervalEnd: 0)
    predictor.observe(5, intervalEnd: .max)
    #expect(predictor == before)
  }

  @Test("odd settings and far horizons don't crash it")
  func oddSettings() {
    var predictor = ProphetPredictor(window: -3, intervalSeconds: 0)
    predictor.observe(4, intervalEnd: 10)
    predictor.observe(6, intervalEnd: 20)
    #expect(predictor.forecast(steps: 1) == [6])
    var far = ProphetPredictor(window: 10, intervalSeconds: .max)
    for index in 0..<10 { far.observe(Double(index % 4), intervalEnd: index) }
    #expect(far.forecast(steps: 3).allSatisfy { $0.isFinite })
  }

  @Test("its summary names the parameters and the seasonalities")
  func summary() {
    var predictor = ProphetPredictor(window: 200, intervalSeconds: 1800)
    for (index, value) in Self.series.enumerated() {
      predictor.observe(value, intervalEnd: index * 1800)
    }
    let summary = predictor.summary
    #expect(summary.parameters?.map(\.name) == ["k", "m", "sigma_obs", "y_scale", "changepoints"])
    #expect(summary.note == "Seasonalities: daily.")
  }
}
