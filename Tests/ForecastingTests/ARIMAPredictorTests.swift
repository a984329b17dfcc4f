import Foundation
import Testing

@testable import Forecasting

@Suite struct ARIMAPredictorTests {
  private func predictor(after values: [Double]) -> SeriesPredictor {
    var predictor = SeriesPredictor(settings: PredictorSettings(kind: .arima))
    for (index, value) in values.enumerated() { predictor.observe(value, intervalEnd: index) }
    return predictor
  }

  @Test("fewer than five values forecast the last", arguments: [[3.0], [3, 9], [3, 9, 4, 8]])
  func fewerThanFiveValuesForecastTheLast(_ values: [Double]) {
    #expect(predictor(after: values).forecast() == [values[values.count - 1]])
  }

  @Test("a constant series is exact")
  func aConstantSeriesIsExact() {
    #expect(
      predictor(after: [Double](repeating: 42, count: 60)).forecast(steps: 3) == [42, 42, 42])
  }

  @Test("a straight line is exact", arguments: [5, 6, 20, 100])
  func aStraightLineIsExact(_ count: Int) throws {
    let line = (1...count).map { 0.1 * Double($0) + 2 }
    let forecast = try #require(predictor(after: line).forecast(steps: 3))
    for (step, value) in forecast.enumerated() {
      #expect(abs(value - (0.1 * Double(count + step + 1) + 2)) < 1e-9)
    }
  }

  @Test("an alternation is foreseen")
  func anAlternationIsForeseen() throws {
    let series = (0..<40).map { $0.isMultiple(of: 2) ? 10.0 : 20 }
    let forecast = try #require(predictor(after: series).forecast()?.first)
    #expect(abs(forecast - 10) < 0.5)
  }

  @Test("the order is chosen anew as the series grows")
  func theOrderIsChosenAnewAsTheSeriesGrows() throws {
    // The original keeps what it chose at five points and forecasts 206 (departure 4).
    let ramp = [12.0, 9, 14, 8, 11] + (1...60).map { 10 * Double($0) + 10 }
    let forecast = try #require(predictor(after: ramp).forecast()?.first)
    #expect(abs(forecast - 620) < 10)
  }

  @Test("spiky traffic is forecast by its mean, not its median")
  func spikyTrafficIsForecastByItsMeanNotItsMedian() throws {
    // The original forecasts 79.7, about the geometric mean, where the mean is 117.6
    // (departure 5).
    let series = try #require(
      ARIMAReference.load().rolling.first { $0.name == "azure_code_30s_peer_request_count" }
    ).values
    let mean = series.reduce(0, +) / Double(series.count)
    let forecast = try #require(predictor(after: series).forecast()?.first)
    #expect(abs(forecast - mean) < 0.15 * mean)
  }

  @Test("a single outlier is forgotten")
  func aSingleOutlierIsForgotten() throws {
    for outlier in [2000.0, 5000, 22_477] {
      let series = [Double](repeating: 37, count: 22) + [outlier]
      for after in 2...6 {
        var predictor = ARIMAPredictor(settings: PredictorSettings(kind: .arima))
        for (index, value) in (series + [Double](repeating: 787, count: after)).enumerated() {
          predictor.observe(value, intervalEnd: index * 60)
        }
        let forecast = try #require(predictor.forecast(steps: 1).first)
        #expect((37...1200).contains(forecast), "\(outlier), then \(after) of 787: \(forecast)")
      }
    }
  }

  @Test("on the reference's rolling series the error is smaller")
  func onTheReferencesRollingSeriesTheErrorIsSmaller() throws {
    var ours = 0.0
    var reference = 0.0
    var larger: [String] = []
    var logarithms: [Double] = []
    for series in try ARIMAReference.load().rolling {
      // The original counts negative values as 0; ours refuses them.
      let values = series.values.map { max(0, $0) }
      let settings = PredictorSettings(kind: .arima, usesLog1p: series.log1p)
      let rolling = RollingForecast(of: values, from: 0, settings: settings)
      let steps = series.steps.filter { $0.after < values.count }
      guard !steps.isEmpty else { continue }
      var error = 0.0
      var referenceError = 0.0
      for step in steps {
        error += abs((rolling.forecasts[step.after] ?? 0) - values[step.after])
        referenceError += abs(step.forecast - values[step.after])
      }
      ours += error / Double(steps.count)
      reference += referenceError / Double(steps.count)
      if error > 1.02 * referenceError { larger.append(series.title) }
      // Of the constant series both foresee every value.
      if referenceError > 0 { logarithms.append(log(error / referenceError)) }
    }
    #expect(ours < 0.84 * reference)
    // Geometric mean over the series, so that none counts more for its unit.
    #expect(logarithms.count == 55)
    #expect(exp(logarithms.reduce(0, +) / 55) < 0.92)
    #expect(Set(larger) == Set(Self.largerErrors.keys))
  }

  /// Series whose mean absolute error is more than 1.02 times the reference's, and why.
  static let largerErrors: [String: String] = [
    "azure_code_30s_peer_request_count from 5 by 1": mean,
    "azure_code_30s_peer_request_count from 40 by 1": mean,
    "azure_code_60s_peer_request_count from 5 by 1": mean,
    "azure_code_60s_peer_request_count from 20 by 1": mean, "synthetic_burst from 25 by 1": mean,
    "synthetic_spiky from 25 by 1": mean, "synthetic_poisson from 25 by 1": mean,
    "azure_code_30s_dense_request_count from 10 by 1 log1p":
      "a few zeros among large counts: the reference has kept (1,0,0), ours finds (2,0,2) from 36 values on",
    "mooncake_conversation_60s_peer_avg_osl from 5 by 1":
      "close to white noise (1.05): the reference has kept the mean, ours follows (0,0,1) and (0,0,2) for a while",
    "pmdarima_heartrate[37:] from 30 by 1 log1p":
      "the reference has kept (0,1,1) with an inverse root of 0.989; at the optimum it is 1.0000, which its own rule refuses",
    "synthetic_diurnal from 25 by 1":
      "half a wave: the KPSS test changes d between 2, 0 and 1, the reference has kept d = 2",
    "pmdarima_austres[22:] from 30 by 1":
      "the KPSS test changes d from 1 to 2 and back; errors of 0.05 % of the values",
    "pmdarima_austres[22:] from 30 by 1 log1p":
      "the KPSS test changes d from 1 to 2 and back; errors of 0.05 % of the values",
    "pmdarima_sunspots[705:] from 30 by 1 log1p":
      "the same model (0,1,1) in both (1.02): three months near 0 decide",
    "constant_then_change from 5 by 1":
      "six values that are not all the same: no model can be told from another",
  ]
  private static let mean =
    "the median has the smallest absolute error; the reference forecasts it by accident (departure 5), ours the mean"

  @Test("the quantiles of its own process cover their share")
  func theQuantilesOfItsOwnProcessCoverTheirShare() throws {
    var noise = SeededNoise(seed: 23)
    let series = noise.process(500, ar: [0.6], mean: 100)
    var model = ARIMAPredictor(settings: PredictorSettings(kind: .arima))
    var covered = 0.0
    for (index, value) in series.enumerated() {
      if index >= 100, value <= model.forecast(steps: 1, quantile: 0.9)[0] { covered += 1 }
      model.observe(value, intervalEnd: index)
    }
    // Three standard errors of a share of 0.9 in 400.
    #expect(abs(covered / 400 - 0.9) < 0.045)
    let ahead = model.forecast(steps: 5, quantile: 0.9)
    for step in 1..<5 {
      let width = ahead[step] - model.forecast(steps: 5)[step]
      #expect(width > ahead[step - 1] - model.forecast(steps: 5)[step - 1])
    }
  }

  @Test("the forecast is the mean of the models by weight")
  func theForecastIsTheMeanOfTheModelsByWeight() throws {
    var noise = SeededNoise(seed: 31)
    let series = noise.process(40, ar: [0.5], mean: 100)
    let fits = StepwiseSearch.fits(for: series)
    var mixture = ARIMAMixture(fits, count: series.count - fits[0].order.d)
    for value in series { mixture.follow(value) }
    #expect(mixture.orders.count > 1)
    let members = mixture.orders.compactMap { order in fits.first { $0.order == order } }
    let least = members.map { $0.correctedAIC(count: series.count - $0.order.d) }.min() ?? 0
    let raw = members.map { exp((least - $0.correctedAIC(count: series.count - $0.order.d)) / 2) }
    var expected = 0.0
    for (index, fit) in members.enumerated() {
      let share = raw[index] / raw.reduce(0, +)
      #expect(abs(mixture.weights[index] - share) < 1e-12)
      var filter = ARIMAFilter(fit)
      for value in series { filter.update(value) }
      expected += share * filter.forecast(steps: 1).values[0]
    }
    #expect(abs(mixture.forecast(steps: 1).values[0] - expected) < 1e-9)
  }

  @Test("a model that foresaw the new value gains weight")
  func aModelThatForesawTheNewValueGainsWeight() throws {
    var noise = SeededNoise(seed: 32)
    let series = noise.process(40, ar: [0.5], mean: 100)
    let fits = StepwiseSearch.fits(for: series)
    let orders = ARIMAMixture(fits, count: series.count - fits[0].order.d).orders
    for order in orders {
      var mixture = ARIMAMixture(fits, count: series.count - fits[0].order.d)
      for value in series { mixture.follow(value) }
      let index = try #require(mixture.orders.firstIndex(of: order))
      let before = mixture.weights
      let alone = try #require(fits.first { $0.order == order })
      var filter = ARIMAFilter(alone)
      for value in series { filter.update(value) }
      _ = mixture.update(filter.forecast(steps: 1).values[0])
      // Its density at its own forecast: at least in relation to the models that are no surer.
      for other in orders.indices
      where fits.contains(where: {
        $0.order == orders[other] && $0.innovationVariance > alone.innovationVariance
      }) {
        #expect(mixture.weights[index] * before[other] > mixture.weights[other] * before[index])
      }
    }
  }

  @Test("memory is bounded")
  func memoryIsBounded() throws {
    var noise = SeededNoise(seed: 6)
    var long = predictor(after: [])
    for index in 0..<700 { long.observe(100 + 10 * noise.next(), intervalEnd: index) }
    let early = try JSONEncoder().encode(long).count
    for index in 700..<1000 { long.observe(100 + 10 * noise.next(), intervalEnd: index) }
    #expect(try JSONEncoder().encode(long).count < early + 500)
  }

  @Test("between two fits the model stays the same")
  func betweenTwoFitsTheModelStaysTheSame() throws {
    var noise = SeededNoise(seed: 7)
    var model = ARIMAPredictor(settings: PredictorSettings(kind: .arima))
    for index in 0..<100 { model.observe(100 + 10 * noise.next(), intervalEnd: index) }
    var fits: [Double] = []
    for index in 100..<130 {
      model.observe(100 + 10 * noise.next(), intervalEnd: index)
      let aic = try #require(model.summary.aic)
      if fits.last != aic { fits.append(aic) }
    }
    #expect(fits.count <= 5)
  }

  @Test("a level shift is noticed before the next fit is due")
  func aLevelShiftIsNoticedBeforeTheNextFitIsDue() throws {
    var noise = SeededNoise(seed: 12)
    var model = ARIMAPredictor(settings: PredictorSettings(kind: .arima))
    for index in 0..<200 { model.observe(100 + noise.next(), intervalEnd: index) }
    for index in 200..<206 { model.observe(200 + noise.next(), intervalEnd: index) }
    let forecast = try #require(model.forecast(steps: 1).first)
    #expect(abs(forecast - 200) < 10)
  }

  @Test("the summary tells order and parameters")
  func theSummaryTellsOrderAndParameters() throws {
    var noise = SeededNoise(seed: 13)
    var model = ARIMAPredictor(settings: PredictorSettings(kind: .arima))
    for (index, value) in noise.process(80, ar: [0.8], mean: 50).enumerated() {
      model.observe(value, intervalEnd: index)
    }
    let summary = model.summary
    #expect(summary.order?.count == 3)
    #expect(summary.parameters?.contains { $0.name == "ar.L1" } == true)
    #expect(summary.parameters?.last?.name == "sigma2")
    #expect(summary.aic?.isFinite == true)
  }
}
