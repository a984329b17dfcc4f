/// Forecasts the median of the last values: what a typical interval brings, whatever the spikes.
public struct RunningMedianPredictor: LoadPredictor {
  private let window: Int
  private var values: [Double] = []

  /// Creates a predictor that has seen nothing.
  ///
  /// - Parameter window: values that the median is taken of, at least 1.
  public init(window: Int) {
    self.window = max(1, window)
  }

  /// Takes a value into the window, and the oldest one out of a full one.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    values.append(value)
    if values.count > window { values.removeFirst() }
  }

  /// The median, `steps` times; empty before the first value.
  public func forecast(steps: Int) -> [Double] {
    guard !values.isEmpty, steps > 0 else { return [] }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    // Halved before they are added: two huge values must not overflow.
    let median =
      sorted.count.isMultiple(of: 2)
      ? sorted[middle - 1] / 2 + sorted[middle] / 2 : sorted[middle]
    return [Double](repeating: median, count: steps)
  }
}
