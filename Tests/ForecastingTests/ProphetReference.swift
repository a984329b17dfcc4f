import Foundation
import TestSupport
import Testing

@testable import Forecasting

/// The reference results in `prophet.json`, made with the library, see golden/README.md.
struct ProphetReference: Decodable {
  struct Case: Decodable, CustomTestStringConvertible {
    var name: String
    var n: Int
    var step_s: Int?
    var ds: [String]?
    var start: String
    var next_ds: [String]
    var log1p: Bool
    var y: [Double]
    var yhat: [Double]
    var seasonalities: [String: Seasonality]
    var k: Double
    var m: Double
    var delta: [Double]
    var beta: [Double]
    var sigma_obs: Double
    var y_scale: Double
    var changepoints_t: [Double]
    var t_scale_s: Double
    /// Nil for a constant history, which the library doesn't fit.
    var lp: Double?

    var testDescription: String { log1p ? "\(name) log1p" : name }
    /// The values on the model's scale.
    var values: [Double] { log1p ? y.map { Foundation.log1p($0) } : y }

    func times() throws -> [Int] {
      if let ds { return try ds.map(unixSeconds) }
      let (first, step) = (try unixSeconds(start), try #require(step_s))
      return (0..<n).map { first + $0 * step }
    }

    /// The library fills in a coefficient where there is no seasonality.
    var parameters: ProphetModel.Parameters {
      ProphetModel.Parameters(
        k: k, m: m, delta: delta, beta: seasonalities.isEmpty ? [] : beta, sigma: sigma_obs)
    }
  }

  struct Seasonality: Decodable {
    var period: Double
    var fourier_order: Int
  }

  struct PredictorCase: Decodable, CustomTestStringConvertible {
    struct Step: Decodable {
      var after: Int
      var peer: Double
      var correct: Double
    }

    var name: String
    var values: [Double]
    var step_s: Int
    var window_size: Int
    var log1p: Bool
    var steps: [Step]

    var testDescription: String { name }

    /// The model's forecast at each step, on its own scale.
    func forecasts() throws -> [(step: Step, predictor: ProphetPredictor)] {
      var predictor = ProphetPredictor(window: window_size, intervalSeconds: step_s)
      var found: [(step: Step, predictor: ProphetPredictor)] = []
      // The original's time begins at its first non-zero value.
      let idle = values.prefix { $0 == 0 }.count
      let first = try unixSeconds("2024-01-01")
      for (index, value) in values.enumerated() {
        if index >= idle {
          predictor.observe(
            log1p ? Foundation.log1p(value) : value, intervalEnd: first + (index - idle) * step_s)
        }
        for step in steps where step.after == index + 1 { found.append((step, predictor)) }
      }
      return found
    }
  }

  var cases: [Case]
  var predictor_cases: [PredictorCase]

  static func load() throws -> ProphetReference {
    try Fixture.json(ProphetReference.self, "golden/prophet.json")
  }
}

/// The library's own optimum, made by `scripts/reference/prophet_tight.py`.
struct ProphetTightReference: Decodable {
  struct Optimum: Decodable {
    var name: String?
    var after: Int?
    var lp: Double
    var yhat: Double
    var default_lp: Double
  }

  struct PredictorCase: Decodable {
    var name: String
    var steps: [Optimum]
  }

  var cases: [Optimum]
  var predictor_cases: [PredictorCase]

  static func load() throws -> ProphetTightReference {
    try Fixture.json(ProphetTightReference.self, "golden/prophet_tight.json")
  }
}

/// Unix seconds of `2024-01-01` or `2024-01-01 00:30:00`, UTC.
func unixSeconds(_ text: String) throws -> Int {
  let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space).year().month().day()
  let date = try Date(
    text, strategy: text.count > 10 ? style.time(includingFractionalSeconds: false) : style)
  return Int(date.timeIntervalSince1970)
}

/// The log posterior density straight from the model's definition, point by point: independent of
/// how the library under test computes it.
func prophetLogDensity(
  _ parameters: ProphetModel.Parameters, _ seasonalities: [ProphetSeasonality],
  times: [Int], values: [Double], changepoints: [Double]
) -> Double {
  let (start, span) = (times[0], Double(times[times.count - 1] - times[0]))
  let scale = values.map(abs).max() ?? 1
  var density = -pow(parameters.k / 5, 2) / 2 - pow(parameters.m / 5, 2) / 2
  density -= parameters.delta.reduce(0) { $0 + abs($1) } / 0.05
  density -= parameters.beta.reduce(0) { $0 + $1 * $1 } / 200
  density -= pow(parameters.sigma / 0.5, 2) / 2
  for (time, value) in zip(times, values) {
    let t = Double(time - start) / span
    var fit = parameters.m + parameters.k * t
    for (s, delta) in zip(changepoints, parameters.delta) where t > s { fit += delta * (t - s) }
    var index = 0
    for seasonality in seasonalities {
      for order in 1...seasonality.fourierOrder {
        let angle =
          2 * Double.pi * Double(order) * Double(time) / Double(seasonality.periodSeconds)
        fit += parameters.beta[index] * sin(angle) + parameters.beta[index + 1] * cos(angle)
        index += 2
      }
    }
    density -= log(parameters.sigma) + pow((value / scale - fit) / parameters.sigma, 2) / 2
  }
  return density
}
