#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A series decomposed into a piecewise-linear trend and periodic parts, by the Prophet model.
///
///     y(t) = (k + Σ_{s_j ≤ t} δ_j) t + (m − Σ_{s_j ≤ t} s_j δ_j) + Σ β_i x_i(t) + N(0, σ²)
///
/// Sparse changes δ of the rate at up to 25 potential changepoints; yearly, weekly and daily
/// Fourier terms x as far as the history can tell them; the parameters are the mode of their
/// posterior. Fitting n points costs O(n · q²) for q Fourier columns and is exact and
/// deterministic: equal histories give equal models, bit for bit. A constant history is its value.
/// All times are Unix seconds, seasons are in UTC.
///
/// Source: S. J. Taylor, B. Letham (2018), *Forecasting at scale*, The American Statistician 72(1),
/// and the defaults of the prophet library. Departures: `docs/design/forecasting-prophet.md`.
public struct ProphetModel: Sendable, Equatable {
  /// Parameters of the scaled history: time runs from 0 to 1, values are divided by `valueScale`.
  public struct Parameters: Sendable, Equatable {
    /// Rate of growth before the first changepoint.
    public var k: Double
    /// Offset of the trend.
    public var m: Double
    /// Change of the rate at each changepoint.
    public var delta: [Double]
    /// Fourier coefficients: seasonality by seasonality, sine and cosine of each harmonic.
    public var beta: [Double]
    /// Standard deviation of the noise.
    public var sigma: Double
  }

  /// The parameters at the posterior's mode.
  public let parameters: Parameters
  /// The periodic parts, in the order of their coefficients.
  public let seasonalities: [ProphetSeasonality]
  /// Potential changepoints, Unix seconds.
  public let changepoints: [Int]
  /// Time of the first point, Unix seconds.
  public let start: Int
  /// Time of the last point, Unix seconds.
  public let end: Int
  /// Largest absolute value of the history, 1 for zeros.
  public let valueScale: Double
  /// Logarithm of the posterior density at the mode, without constants, as Stan reports it; nil
  /// for a constant history, which has no mode.
  public let logDensity: Double?
  private let scaledChangepoints: [Double]
  private let errors: ProphetErrors

  /// Fits a series.
  ///
  /// - Parameters:
  ///   - times: Unix seconds within ±2^52, increasing; gaps may be of any length.
  ///   - values: one finite value for each time, at least two.
  /// - Throws: ``ProphetError`` where the series is none.
  public init(times: [Int], values: [Double]) throws(ProphetError) {
    try Self.check(times, values)
    let design = ProphetDesign(times: times, values: values)
    let changepointRows = design.knotRows.dropFirst()
    seasonalities = design.seasonalities
    changepoints = changepointRows.map { times[$0] }
    scaledChangepoints = changepointRows.map { design.scaledTimes[$0] }
    start = times[0]
    end = times[times.count - 1]
    valueScale = design.valueScale
    guard values.contains(where: { $0 != values[0] }) else {
      parameters = Parameters(
        k: 0, m: values[0] / valueScale, delta: changepointRows.map { _ in 0 },
        beta: [Double](repeating: 0, count: design.seasonalColumns), sigma: 1e-9)
      logDensity = nil
      errors = .none
      return
    }
    let mode = ProphetPosterior.mode(of: design)
    let growth = design.growthIndex
    parameters = Parameters(
      k: mode.coefficients[growth], m: mode.coefficients[0],
      delta: Array(mode.coefficients[(growth + 1)...]), beta: Array(mode.coefficients[1..<growth]),
      sigma: mode.sigma)
    logDensity = mode.logDensity
    errors = ProphetErrors(
      residuals: mode.residuals, freeCount: mode.freeCount, changes: parameters.delta)
  }

  /// The expected value at a time, finite; it may be negative.
  public func forecast(at time: Int) -> Double {
    unscaled(trend(at: scaled(time)) + seasonal(at: time))
  }

  /// The value at a time that a share `quantile` of the values there would be below, finite.
  ///
  /// The spread is that of the residuals, corrected for the parameters that were fitted to them,
  /// widened for changes of the trend after the history's end. It is the model's own view of
  /// itself; its coverage on a series is for the caller to measure.
  ///
  /// - Parameters:
  ///   - time: Unix seconds.
  ///   - quantile: from 0 to 1; beyond counts as the nearest of both.
  public func forecast(at time: Int, quantile: Double) -> Double {
    let position = scaled(time)
    return unscaled(
      trend(at: position) + seasonal(at: time)
        + errors.quantile(quantile, horizon: max(0, position - 1)))
  }

  private func trend(at position: Double) -> Double {
    var trend = parameters.m + parameters.k * position
    for (changepoint, change) in zip(scaledChangepoints, parameters.delta)
    where changepoint < position {
      trend += change * (position - changepoint)
    }
    return trend
  }

  private func seasonal(at time: Int) -> Double {
    var features: [Double] = []
    for seasonality in seasonalities { seasonality.appendFeatures(at: time, to: &features) }
    return zip(features, parameters.beta).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func scaled(_ time: Int) -> Double {
    (Double(time) - Double(start)) / Double(end - start)
  }

  /// A scaled value in the series' own unit; one too large for a number is the largest number.
  private func unscaled(_ value: Double) -> Double {
    let largest = Double.greatestFiniteMagnitude
    return min(max(value * valueScale, -largest), largest)
  }

  private static func check(_ times: [Int], _ values: [Double]) throws(ProphetError) {
    guard times.count == values.count else {
      throw .countsDiffer(times: times.count, values: values.count)
    }
    guard times.count >= 2 else { throw .tooFewPoints(times.count) }
    for index in times.indices {
      guard values[index].isFinite else { throw .valueNotFinite(index: index) }
      guard abs(Double(times[index])) <= 0x1p52 else {
        throw .timeOutOfRange(index: index, time: times[index])
      }
      guard index == 0 || times[index] > times[index - 1] else {
        throw .timeNotIncreasing(index: index, time: times[index], previous: times[index - 1])
      }
    }
  }
}
