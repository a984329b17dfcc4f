import Glibc
import Testing

@testable import Forecasting

@Suite struct AutomaticPredictorTests {
  /// Series on which it is more than 2 % behind the best single predictor: with 14 or 15 forecasts
  /// there is no telling yet which model is the best.
  static let behind: Set<String> = [
    "azure_code 180s requests", "azure_code 180s isl", "azure_code 180s osl",
    "mooncake_conversation 180s isl",
  ]

  @Test func onRecordedTrafficItIsAsGoodAsTheBestSinglePredictor() throws {
    let singles: [PredictorKind] = [.constant, .kalman, .arima, .prophet]
    var behind: Set<String> = []
    var sums = [PredictorKind: Double]()
    let all = try RecordedSeries.load()
    for series in all {
      var errors = [PredictorKind: Double]()
      for kind in singles + [.auto] {
        let settings = PredictorSettings(kind: kind, intervalSeconds: series.intervalSeconds)
        let score = ForecastBacktest(of: series.values, from: 5, settings: settings).score
        errors[kind] = try #require(score).mae
      }
      let best = try #require(singles.compactMap { errors[$0] }.min())
      if try #require(errors[.auto]) > 1.02 * best { behind.insert(series.name) }
      for (kind, error) in errors { sums[kind, default: 0] += log(error / best) }
    }
    #expect(behind == Self.behind)
    let automatic = try #require(sums[.auto])
    for kind in singles { #expect(automatic < (sums[kind] ?? 0) - 1, "\(kind)") }
    // Geometric mean over the series of its error in units of the best single predictor's.
    #expect(exp(automatic / Double(all.count)) < 1)
  }

  private func predictor(after values: [Double], intervalSeconds: Int = 180) -> AutomaticPredictor {
    var predictor = AutomaticPredictor(
      settings: PredictorSettings(kind: .auto, intervalSeconds: intervalSeconds))
    for (index, value) in values.enumerated() {
      predictor.observe(value, intervalEnd: (index + 1) * intervalSeconds)
    }
    return predictor
  }

  private func weight(_ predictor: AutomaticPredictor, _ name: String) -> Double {
    predictor.summary.parameters.first { $0.name == "weight.\(name)" }?.value ?? 0
  }

  @Test func weightsSumToOne() {
    var noise = SeededNoise(seed: 1)
    let series = (0..<80).map { _ in 100 + 10 * noise.next() }
    let weights = predictor(after: series).summary.parameters
      .filter { $0.name.hasPrefix("weight.") }.map(\.value)
    #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
    #expect(weights.count == 8)
  }

  @Test func aConstantSeriesIsExact() {
    #expect(predictor(after: [Double](repeating: 9, count: 30)).forecast(steps: 2) == [9, 9])
  }

  @Test func aRampIsLeftToTheModelsWithATrend() throws {
    let ramp = (1...80).map { 10 * Double($0) }
    let predictor = predictor(after: ramp)
    #expect(weight(predictor, "constant") < 0.05)
    #expect(abs(try #require(predictor.forecast(steps: 1).first) - 810) < 5)
  }

  @Test func theSameTimeYesterdayIsBelievedWhereEveryDayIsTheSame() throws {
    // Half-hourly, four days; one model alone knows the day.
    var noise = SeededNoise(seed: 14)
    let day = (0..<48).map { _ in 100 + 90 * noise.uniform() }
    let series = (0..<192).map { day[$0 % 48] + noise.next() }
    let predictor = predictor(after: series, intervalSeconds: 1800)
    #expect(weight(predictor, "daily") > 0.9)
    #expect(abs(try #require(predictor.forecast(steps: 1).first) - day[0]) < 15)
  }

  @Test func theSummaryNamesTheHeaviestModel() throws {
    let note = try #require(predictor(after: (1...60).map(Double.init)).summary.note)
    #expect(note.hasPrefix("A weighted mean; the heaviest model is "))
  }
}
