import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Prophet against the library")
struct ProphetReferenceTests {
  static let reference = Result { try ProphetReference.load() }
  static var cases: [ProphetReference.Case] { (try? reference.get().cases) ?? [] }

  /// Histories that the trend fits exactly: the density has no maximum, it grows without bound as
  /// σ falls to 0, and both stop somewhere at rounding.
  static let exactFits = ["linear_n50", "ramp_down_to_zero_n50"]

  /// Cases whose forecast differs by more than 1 % from the library's (1.0 to 8.0 %). In each the
  /// library stopped short: its density is 0.002 to 4 below ours.
  static let misses = [
    "azure_code_30s_request_count[18:68]@180s",
    "azure_code_10s_dense_request_count[0:200]@180s",
    "azure_code_10s_dense_avg_isl[18:218]@180s",
    "azure_code_10s_dense_avg_osl[20:220]@180s",
    "synthetic_diurnal_n101",
    "taylor[0:336]@1800s",
    "sunspots_monthly[0:300]",
  ]

  @Test("the reference has all its cases")
  func count() throws {
    #expect(try Self.reference.get().cases.count == 60)
  }

  @Test("scaling, changepoints and seasonalities are the library's", arguments: cases)
  func structure(_ reference: ProphetReference.Case) throws {
    let model = try ProphetModel(times: reference.times(), values: reference.values)
    #expect(model.valueScale == reference.y_scale)
    #expect(Set(model.seasonalities.map(\.rawValue)) == Set(reference.seasonalities.keys))
    for seasonality in model.seasonalities {
      let expected = try #require(reference.seasonalities[seasonality.rawValue])
      #expect(seasonality.fourierOrder == expected.fourier_order)
      #expect(Double(seasonality.periodSeconds) == expected.period * 86_400)
    }
    #expect(model.changepoints.count == reference.changepoints_t.count)
    for (time, position) in zip(model.changepoints, reference.changepoints_t) {
      #expect(abs(Double(time - model.start) / reference.t_scale_s - position) < 1e-12)
    }
  }

  @Test("the density is Stan's lp__ at the library's parameters", arguments: cases)
  func density(_ reference: ProphetReference.Case) throws {
    guard let lp = reference.lp, !Self.exactFits.contains(reference.name) else { return }
    let model = try ProphetModel(times: reference.times(), values: reference.values)
    let density = try prophetLogDensity(
      reference.parameters, model.seasonalities, times: reference.times(),
      values: reference.values, changepoints: reference.changepoints_t)
    // The parameters were written with 8 digits: an error of 1e-8 against residuals of size σ.
    #expect(abs(density - lp) < 1e-6 * abs(lp))
  }

  @Test("the density at our mode is as reported and not below the library's", arguments: cases)
  func mode(_ reference: ProphetReference.Case) throws {
    let model = try ProphetModel(times: reference.times(), values: reference.values)
    guard let lp = reference.lp else {
      #expect(model.logDensity == nil)
      return
    }
    let density = try #require(model.logDensity)
    guard !Self.exactFits.contains(reference.name) else {
      #expect(model.parameters.sigma < 1e-13 && reference.sigma_obs < 1e-13)
      return
    }
    let independent = try prophetLogDensity(
      model.parameters, model.seasonalities, times: reference.times(),
      values: reference.values, changepoints: reference.changepoints_t)
    #expect(abs(density - independent) < 1e-8 * abs(density))
    #expect(density >= lp - 1e-7 * abs(lp))
  }

  @Test("forecasts are within 1 % of the library's but for the misses named", arguments: cases)
  func forecasts(_ reference: ProphetReference.Case) throws {
    let model = try ProphetModel(times: reference.times(), values: reference.values)
    let isClose = try zip(reference.next_ds, reference.yhat).allSatisfy { time, expected in
      // A value of 0 is met within the rounding of the history's scale.
      try abs(model.forecast(at: unixSeconds(time)) - expected)
        <= max(0.01 * abs(expected), 1e-12 * reference.y_scale)
    }
    #expect(isClose != Self.misses.contains(reference.name))
    if let lp = reference.lp, !isClose {
      #expect(try #require(model.logDensity) > lp + 0.002)
    }
  }

  @Test("no optimiser of the library finds a higher density", arguments: cases)
  func tightOptimum(_ reference: ProphetReference.Case) throws {
    guard reference.lp != nil, !Self.exactFits.contains(reference.name) else { return }
    let model = try ProphetModel(times: reference.times(), values: reference.values)
    // Two cases share a name, with and without log1p, in the order of the file.
    let twins = Self.cases.filter { $0.name == reference.name }
    let index = try #require(twins.firstIndex { $0.log1p == reference.log1p })
    let optima = try ProphetTightReference.load().cases.filter { $0.name == reference.name }
    let optimum = optima[index]
    let density = try #require(model.logDensity)
    #expect(density >= optimum.lp - 1e-6 * abs(optimum.lp))
    // Where it comes as close as its 8 digits show, the forecasts agree.
    if density < optimum.lp + 1e-5 {
      let forecast = try model.forecast(at: unixSeconds(reference.next_ds[0]))
      #expect(abs(forecast - optimum.yhat) < 1e-3 * abs(optimum.yhat))
    }
  }
}

@Suite("Prophet's rolling windows against the library")
struct ProphetWindowTests {
  /// Windows whose forecast differs by more than 1 % from the library's (with the original's
  /// mistake in the time stamp mended), on the scale the model works on: 17 of 342. The library's
  /// Newton iterations stop short of the optimum at the kinks of the Laplace prior, which shows
  /// where a steep trend ends near 0; its own BFGS comes to our forecast in 14 of them, and its
  /// density is below ours in all.
  static let misses: [String: [Int]] = [
    "azure_code_30s_dense_request_count": [103, 104, 105, 106, 113, 114],
    "azure_code_30s_dense_request_count_win20": [26, 34, 35, 43, 44, 57],
    "azure_code_30s_dense_request_count_log1p": [37, 44],
    "mooncake_conversation_60s_peer_avg_isl": [57],
    "leading_zeros": [10],
    "window_eviction": [75],
  ]

  /// Misses on the way back from log(1 + y) only, where 1 % of y is less than 1 % of its logarithm:
  /// 7 more.
  static let missesInRequests = [
    "azure_code_30s_dense_request_count_log1p": [26, 29, 30, 35, 38, 43, 45]
  ]

  /// Misses of the best that the library's own optimisers find, each with a density below ours.
  static let missesOfOptimum: [String: [Int]] = [
    "azure_code_30s_dense_request_count": [97],
    "azure_code_30s_dense_request_count_win20": [35],
    "mooncake_conversation_60s_peer_avg_isl": [57],
    "azure_code_30s_dense_request_count_log1p": [26, 29, 30],
    "leading_zeros": [10],
  ]

  private static func isClose(_ forecast: Double, _ expected: Double) -> Bool {
    abs(max(0, forecast) - max(0, expected)) <= 0.01 * abs(expected)
  }

  @Test("19 windows in 20 are within 1 % of the library's, on the model's scale")
  func library() throws {
    var count = 0
    for windows in try ProphetReference.load().predictor_cases {
      var missed: [Int] = []
      var missedInRequests: [Int] = []
      for (step, predictor) in try windows.forecasts() {
        count += 1
        let forecast = predictor.forecast(steps: 1).first ?? 0
        if !Self.isClose(forecast, windows.log1p ? log1p(step.correct) : step.correct) {
          missed.append(step.after)
        } else if windows.log1p, !Self.isClose(expm1(forecast), step.correct) {
          missedInRequests.append(step.after)
        }
      }
      #expect(missed == Self.misses[windows.name] ?? [], "\(windows.name)")
      #expect(missedInRequests == Self.missesInRequests[windows.name] ?? [], "\(windows.name)")
    }
    #expect(count == 342)
    #expect(Self.misses.values.reduce(0) { $0 + $1.count } * 20 <= count)
  }

  @Test("every window's density is at least that of the library's best, which forecasts the same")
  func optimum() throws {
    let optima = try ProphetTightReference.load().predictor_cases
    var count = 0
    for (windows, tight) in zip(try ProphetReference.load().predictor_cases, optima) {
      var missed: [Int] = []
      for (step, predictor) in try windows.forecasts() {
        guard let optimum = tight.steps.first(where: { $0.after == step.after }) else { continue }
        count += 1
        let density = try #require(predictor.model?.logDensity)
        // Stan writes 8 digits.
        #expect(density >= optimum.lp - 1e-7 * abs(optimum.lp))
        #expect(density >= optimum.default_lp - 1e-7 * abs(optimum.default_lp))
        if Self.misses[windows.name]?.contains(step.after) == true {
          #expect(density > optimum.default_lp)
        }
        // As exp(y) − 1 in the log1p series: 1 % of a logarithm would be lenient.
        let isClose =
          windows.log1p
          ? Self.isClose(expm1(predictor.forecast(steps: 1)[0]), expm1(optimum.yhat))
          : Self.isClose(predictor.forecast(steps: 1)[0], optimum.yhat)
        if !isClose {
          missed.append(step.after)
          #expect(density > optimum.lp)
        }
      }
      #expect(missed == Self.missesOfOptimum[windows.name] ?? [], "\(windows.name)")
    }
    #expect(count == 329)
  }

  @Test("the forecast is for the next interval, also after the window slides")
  func nextInterval() throws {
    var predictor = ProphetPredictor(window: 50, intervalSeconds: 180)
    for index in 0..<90 { predictor.observe(Double(5 + 3 * index), intervalEnd: index * 180) }
    let forecasts = predictor.forecast(steps: 3)
    for (forecast, expected) in zip(forecasts, [275.0, 278, 281]) {
      #expect(abs(forecast - expected) < 1e-9)
    }
  }
}
