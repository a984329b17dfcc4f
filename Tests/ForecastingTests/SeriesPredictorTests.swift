import Foundation
import Testing

@testable import Forecasting

@Suite struct SeriesPredictorTests {
  private func predictor(
    _ kind: PredictorKind = .constant, log1p: Bool = false, minimumPoints: Int = 5,
    after values: [Double] = []
  ) -> SeriesPredictor {
    var predictor = SeriesPredictor(
      settings: PredictorSettings(
        kind: kind, usesLog1p: log1p, kalmanMinimumPoints: minimumPoints))
    for (index, value) in values.enumerated() {
      predictor.observe(value, intervalEnd: (index + 1) * 180)
    }
    return predictor
  }

  @Test(
    "it refuses a value that cant be right and never learns it",
    arguments: [-1, -1e-300, Double.nan, .infinity, -.infinity])
  func itRefusesAValueThatCantBeRightAndNeverLearnsIt(_ value: Double) {
    var refusing = predictor(.kalman, after: [3, 5, 8, 13, 21, 34])
    let before = refusing
    let accepted = refusing.observe(value, intervalEnd: 2000)
    #expect(!accepted)
    #expect(refusing == before)
  }

  @Test("it skips leading zeros and learns later ones")
  func itSkipsLeadingZerosAndLearnsLaterOnes() {
    var skipping = predictor(after: [0, 0, 0])
    #expect(skipping.forecast() == nil)
    #expect(skipping.last == nil)
    skipping.observe(4, intervalEnd: 720)
    skipping.observe(0, intervalEnd: 900)
    #expect(skipping.forecast() == [0])
  }

  @Test("it skips zeros again after a reset")
  func itSkipsZerosAgainAfterAReset() {
    var skipping = predictor(after: [4, 9])
    skipping.resetIdleSkip()
    skipping.observe(0, intervalEnd: 900)
    #expect(skipping.forecast() == [9])
    skipping.observe(2, intervalEnd: 1080)
    skipping.observe(0, intervalEnd: 1260)
    #expect(skipping.forecast() == [0])
  }

  @Test("it never forecasts below zero")
  func itNeverForecastsBelowZero() {
    // The original forecasts 46.7, 13.9, −5.5, −16, −21 requests here (departure 2).
    var falling = predictor(.kalman, after: [Double](repeating: 100, count: 10))
    for index in 0..<20 {
      falling.observe(0, intervalEnd: 3000 + index)
      for forecast in falling.forecast(steps: 10) ?? [-1] { #expect(forecast >= 0) }
    }
  }

  @Test("the Kalman predictor forecasts the last value before its minimum of points")
  func theKalmanPredictorForecastsTheLastValueBeforeItsMinimumOfPoints() {
    // The original ignores the minimum and forecasts 144 after [10, 100] (departure 3).
    #expect(predictor(.kalman, after: [10, 100]).forecast() == [100])
    #expect(predictor(.kalman, after: [10, 100, 90, 80]).forecast() == [80])
    let fifth = predictor(.kalman, after: [10, 100, 90, 80, 70]).forecast()
    #expect(fifth != [70])
    #expect(predictor(.kalman, minimumPoints: 0, after: [10]).forecast() == [10])
  }

  @Test("the Kalman predictor follows a line exactly in the limit")
  func theKalmanPredictorFollowsALineExactlyInTheLimit() throws {
    let line = (0..<200).map { 5 + 3 * Double($0) }
    let forecast = try #require(predictor(.kalman, after: line).forecast(steps: 3))
    for (step, value) in forecast.enumerated() {
      #expect(abs(value - (5 + 3 * Double(200 + step))) < 1e-3)
    }
  }

  @Test("the log scale is taken back")
  func theLogScaleIsTakenBack() throws {
    let forecast = try #require(predictor(.constant, log1p: true, after: [1234]).forecast())
    #expect(abs(forecast[0] - 1234) < 1e-9)
  }

  @Test(
    "every finite input gives finite forecasts", arguments: PredictorKind.allCases, [false, true])
  func everyFiniteInputGivesFiniteForecasts(_ kind: PredictorKind, log1p: Bool) {
    let extremes: [[Double]] = [
      [.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude, 1, 0, .greatestFiniteMagnitude],
      [.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, 0, 0, 0, 0],
      [1, 1e300, 0, 0, 0, 1e300, 1e-300, 5, 5, 5, 5, 5, 5],
      (0..<60).map { pow(10, Double($0) * 5) },
      [Double](repeating: 0, count: 30) + [1] + [Double](repeating: 0, count: 30),
      [Double](repeating: 7, count: 100),
    ]
    for values in extremes {
      var predictor = predictor(kind, log1p: log1p)
      for (index, value) in values.enumerated() {
        predictor.observe(value, intervalEnd: (index + 1) * 180)
        for forecast in predictor.forecast(steps: 5) ?? [] {
          #expect(forecast.isFinite && forecast >= 0, "\(kind) after \(values.prefix(index + 1))")
        }
      }
    }
  }

  @Test(
    "saving and restoring at every step changes no bit", arguments: PredictorKind.allCases,
    [false, true])
  func savingAndRestoringAtEveryStepChangesNoBit(_ kind: PredictorKind, log1p: Bool) throws {
    var straight = predictor(kind, log1p: log1p)
    var restored = straight
    for index in 0..<120 {
      let value = (Double((index * 7919) % 104_729) / 3).rounded(.down) / 7
      straight.observe(value, intervalEnd: (index + 1) * 180)
      restored.observe(value, intervalEnd: (index + 1) * 180)
      restored = try JSONDecoder().decode(
        SeriesPredictor.self, from: JSONEncoder().encode(restored))
      #expect(restored == straight)
      let forecasts = restored.forecast(steps: 4)?.map(\.bitPattern)
      #expect(forecasts == straight.forecast(steps: 4)?.map(\.bitPattern))
    }
  }

  @Test("steps below one forecast nothing")
  func stepsBelowOneForecastNothing() {
    #expect(predictor(after: [3]).forecast(steps: 0) == nil)
    #expect(predictor(.kalman, after: [3]).forecast(steps: -4) == nil)
  }

  @Test("the summary names scale and fallback")
  func theSummaryNamesScaleAndFallback() {
    let summary = predictor(.kalman, log1p: true, after: [3]).summary
    #expect(summary.scale == "log1p")
    #expect(summary.note == "Fewer than 5 values seen: the forecast is the last value.")
  }

  @Test(
    "the plan reaches to the interval in which a new worker is ready",
    arguments: [(0, 1), (179, 1), (180, 2), (400, 3), (Int.max, 1000), (-5, 1)])
  func thePlanReachesToTheIntervalInWhichANewWorkerIsReady(_ delay: Int, intervals: Int) {
    let settings = PredictorSettings(intervalSeconds: 180, startupDelaySeconds: delay)
    #expect(settings.horizon == intervals)
  }

  @Test("a start-up delay plans for the largest forecast until then")
  func aStartUpDelayPlansForTheLargestForecastUntilThen() throws {
    var rising = SeriesPredictor(
      settings: PredictorSettings(kind: .arima, startupDelaySeconds: 400))
    for index in 1...20 { rising.observe(10 * Double(index), intervalEnd: index * 180) }
    #expect(abs(try #require(rising.planned) - 230) < 1e-6)
    #expect(abs(try #require(rising.forecast()?.first) - 210) < 1e-6)
  }

  @Test("without quantile and delay the plan is the forecast")
  func withoutQuantileAndDelayThePlanIsTheForecast() {
    let plain = predictor(.kalman, after: [3, 8, 5, 9, 4, 7])
    #expect(plain.planned == plain.forecast()?.first)
    #expect(plain.coverage == nil)
    #expect(predictor(.kalman).planned == nil)
  }

  @Test("a quantile plans for more than the forecast")
  func aQuantilePlansForMoreThanTheForecast() throws {
    var noise = SeededNoise(seed: 19)
    var planning = SeriesPredictor(
      settings: PredictorSettings(kind: .kalman, forecastQuantile: 0.9))
    for index in 1...300 {
      planning.observe(100 + 10 * noise.next(), intervalEnd: index * 180)
    }
    let forecast = try #require(planning.forecast()?.first)
    #expect(try #require(planning.planned) > forecast + 8)
    #expect(abs(try #require(planning.coverage) - 0.9) < 0.03)
    let restored = try JSONDecoder().decode(
      SeriesPredictor.self, from: JSONEncoder().encode(planning))
    #expect(restored == planning)
    #expect(restored.planned == planning.planned)
  }

  @Test("settings of an older version can still be read")
  func settingsOfAnOlderVersionCanStillBeRead() throws {
    let old =
      #"{"kind":"kalman","usesLog1p":false,"kalmanLevelNoise":1,"kalmanTrendNoise":0.1,"kalmanMeasurementNoise":10,"kalmanMinimumPoints":5,"prophetWindow":50,"intervalSeconds":180}"#
    let settings = try JSONDecoder().decode(PredictorSettings.self, from: Data(old.utf8))
    #expect(settings == PredictorSettings(kind: .kalman))
  }
}
