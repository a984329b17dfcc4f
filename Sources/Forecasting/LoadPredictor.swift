/// A model that learns a series value by value and forecasts the values to come.
///
/// A model is a value: copying it copies what it learned, and encoding and decoding it changes
/// no forecast by a single bit. It sees only finite values and works on the scale it is fed;
/// ``SeriesPredictor`` wraps it for counts and lengths (idle skip, log scale, bounds).
///
/// A new model is one new file and one line in ``PredictorKind/makeModel(_:)``.
public protocol LoadPredictor: Codable, Sendable, Equatable {
  /// Learns the next value.
  ///
  /// - Parameters:
  ///   - value: a finite number.
  ///   - intervalEnd: end of the interval that the value belongs to, Unix seconds, later than that
  ///     of the value before.
  mutating func observe(_ value: Double, intervalEnd: Int)

  /// Forecasts the next intervals.
  ///
  /// - Parameter steps: intervals ahead, at least 1.
  /// - Returns: `steps` values, the next interval's first; empty before the first value. A value
  ///   may be negative.
  func forecast(steps: Int) -> [Double]

  /// What the model is made of at the moment.
  var summary: ModelSummary { get }
}

extension LoadPredictor {
  /// A summary without any parameter.
  public var summary: ModelSummary { ModelSummary() }
}
