/// Forecasts the last value, for every interval to come.
public struct ConstantPredictor: LoadPredictor {
  private var last: Double?

  /// Creates a predictor that has seen nothing.
  public init() {}

  /// Takes the value as the last one.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    last = value
  }

  /// The last value, `steps` times; empty before the first.
  public func forecast(steps: Int) -> [Double] {
    guard let last, steps > 0 else { return [] }
    return [Double](repeating: last, count: steps)
  }
}
