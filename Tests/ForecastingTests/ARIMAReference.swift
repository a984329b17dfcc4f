import Glibc
import TestSupport

@testable import Forecasting

/// The reference results of pmdarima 2.1.1 (`Tests/Fixtures/golden/arima.json`; how they were made
/// is in its `source` and `note`).
struct ARIMAReference: Decodable {
  /// A number that the file may spell as "NaN" or "Infinity".
  typealias Number = Double

  struct KPSS: Decodable {
    var d: Int
    var lag: Int?
    var stat: Number?
    var pvalue: Number?
    var should_diff: Bool?
  }

  struct Optimum: Decodable {
    var aic: Number
    var params: [Number]
  }

  struct Fit: Decodable {
    var name: String
    var log1p: Bool
    var values: [Number]
    var kpss: [KPSS]
    var ndiffs: Int
    var order: [Int]
    var with_intercept: Bool
    var aic: Number
    var params: [Number]
    var forecast_5: [Number]
    var tight_optimum: Optimum
    var selection_stable: Bool

    /// The values on the scale that the reference modelled.
    var series: [Double] { log1p ? values.map { Glibc.log1p(max(0, $0)) } : values }
    /// Name and scale, unique in the file.
    var title: String { log1p ? "\(name) log1p" : name }

    var arimaOrder: ARIMAOrder {
      ARIMAOrder(p: order[0], d: order[1], q: order[2], hasMean: with_intercept)
    }

    /// The model with the given parameters (intercept, φ, θ, σ²) of the reference, which counts the
    /// intercept as c = μ (1 − Σ φ).
    func model(_ parameters: [Double]) -> ARIMAFit {
      let order = arimaOrder
      let first = order.hasMean ? 1 : 0
      let ar = Array(parameters[first..<(first + order.p)])
      let ma = Array(parameters[(first + order.p)..<(first + order.p + order.q)])
      let mean = order.hasMean ? parameters[0] / (1 - ar.reduce(0, +)) : 0
      return ARIMAFit(
        order: order, ar: ar, ma: ma, mean: mean,
        innovationVariance: parameters[parameters.count - 1], aic: .nan, searchParameters: [])
    }
  }

  struct Step: Decodable {
    var after: Int
    var forecast: Number
  }

  struct Rolling: Decodable {
    var name: String
    var log1p: Bool
    var values: [Number]
    var initial_points: Int
    var points_per_update: Int
    var steps: [Step]

    /// Name, start and scale, unique in the file.
    var title: String {
      "\(name) from \(initial_points) by \(points_per_update)\(log1p ? " log1p" : "")"
    }
  }

  var fits: [Fit]
  var rolling: [Rolling]

  static func load() throws -> ARIMAReference {
    try Fixture.json(ARIMAReference.self, "golden/arima.json")
  }

  /// AIC of a series at given coefficients, mean and innovation variance put at their best: the
  /// likelihood of the n − d differences, ours and the reference's alike.
  ///
  /// The reference leaves out the first d values too, but starts them with a variance of 10⁶
  /// instead of an infinite one, so that for d > 0 its own AIC depends on the series' scale.
  static func aic(of series: [Double], _ model: ARIMAFit) -> Double? {
    guard let ar = LagPolynomial.partials(coefficients: model.ar),
      let ma = LagPolynomial.partials(coefficients: model.ma.map { -$0 })
    else { return nil }
    let differences = DifferencedSeries(series, order: model.order.d)
    let centre = model.order.hasMean ? differences.mean : 0
    let scaled = differences.values.map { ($0 - centre) / differences.scale }
    var estimator = ARMAEstimator(
      scaled, p: model.order.p, q: model.order.q, hasMean: model.order.hasMean)
    let start = (ar + ma).map { $0 / (1 - $0 * $0).squareRoot() }
    guard let at = estimator.estimate(from: [start], maximumSteps: 0) else { return nil }
    let n = Double(scaled.count)
    return n * (log(2 * .pi) + 1 + 2 * log(differences.scale)) + at.objective
      + 2 * Double(model.order.parameterCount)
  }
}
