#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// ARIMA models of one series that follow it together; the forecast is their weighted mean.
///
/// A model's weight is `exp(−Δ / 2)`, Δ being the distance of its AIC from the least one, both
/// corrected for a small sample: its likelihood after the cost of its parameters. Every value that
/// comes after the fit goes on with the likelihood. Where one model explains the series far better
/// than the others this is that model; on a short series, whose order is a matter of chance, it is
/// several, and the forecast does not jump when the next value changes their order.
///
/// Source: K. P. Burnham, D. R. Anderson, *Model Selection and Multimodel Inference* (2002), §2.4,
/// §2.9 and §4.2.
struct ARIMAMixture: Codable, Sendable, Equatable {
  /// Distance Δ beyond which a model is left out: it would weigh less than a twentieth of the best.
  private static let largestDistance = 6.0

  /// The models, the one of the least AIC first.
  let orders: [ARIMAOrder]
  private var filters: [ARIMAFilter]
  /// The models' corrected AIC, less the least one at the time of the fit.
  private var distances: [Double]

  /// Starts before the first value of the series that the models were fitted to.
  ///
  /// - Parameters:
  ///   - fits: models of the same differences, that of the least AIC first; at least one.
  ///   - count: how many differences.
  init(_ fits: [ARIMAFit], count: Int) {
    let criteria = fits.map { $0.correctedAIC(count: count) }
    let least = criteria.min() ?? .infinity
    // Without one finite criterion (fewer values than parameters) only the first model is left.
    let kept =
      least.isFinite
      ? fits.indices.filter { criteria[$0] - least <= Self.largestDistance } : [0]
    orders = kept.map { fits[$0].order }
    filters = kept.map { ARIMAFilter(fits[$0]) }
    distances = kept.map { least.isFinite ? criteria[$0] - least : 0 }
  }

  /// Shares in the forecast, of sum 1.
  var weights: [Double] {
    let least = distances.min() ?? 0
    let raw = distances.map { exp((least - $0) / 2) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }

  /// Takes the next value of the series that the models were fitted to: the criteria know it
  /// already.
  ///
  /// - Returns: the innovations; nil for the first d values and for a model without innovations.
  @discardableResult
  mutating func follow(_ value: Double) -> [ARIMAFilter.Innovation]? {
    var innovations: [ARIMAFilter.Innovation] = []
    for index in filters.indices {
      if let innovation = filters[index].update(value) { innovations.append(innovation) }
    }
    return innovations.count == filters.count ? innovations : nil
  }

  /// Takes a value that came after the fit.
  ///
  /// - Returns: the mean of the squared innovations, each in units of its variance, by weight; nil
  ///   for a model without innovations.
  mutating func update(_ value: Double) -> Double? {
    let weights = weights
    guard let innovations = follow(value) else { return nil }
    for index in innovations.indices { distances[index] += innovations[index].deviance }
    return zip(weights, innovations).reduce(0) { sum, member in
      sum + member.0 * member.1.standardised * member.1.standardised
    }
  }

  /// Whether every number of every model's state is finite.
  var isFinite: Bool { filters.allSatisfy(\.isFinite) && distances.allSatisfy(\.isFinite) }

  /// Forecasts the next values and the variance of each forecast's error: the models' own, and how
  /// far they are apart.
  func forecast(steps: Int) -> (values: [Double], variances: [Double]) {
    let members = zip(weights, filters.map { $0.forecast(steps: steps) })
    var values = [Double](repeating: 0, count: max(0, steps))
    for (weight, forecast) in members {
      for step in values.indices { values[step] += weight * forecast.values[step] }
    }
    var variances = [Double](repeating: 0, count: values.count)
    for (weight, forecast) in members {
      for step in values.indices {
        let distance = forecast.values[step] - values[step]
        variances[step] += weight * (forecast.variances[step] + distance * distance)
      }
    }
    return (values, variances)
  }
}
