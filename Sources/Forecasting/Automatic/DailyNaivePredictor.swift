/// Forecasts what the same time of the day brought a day earlier.
///
/// It needs intervals that divide a day, at most 2880 of them (30 s), and has no forecast for an
/// interval whose predecessor it did not see.
public struct DailyNaivePredictor: LoadPredictor {
  private static let day = 86_400
  private static let mostIntervals = 2880

  private let intervalSeconds: Int
  /// The values of the last day, oldest first; nil for an interval that was not seen.
  private var values: [Double?] = []
  /// End of the newest interval.
  private var last: Int?

  /// Creates a predictor that has seen nothing.
  ///
  /// - Parameter intervalSeconds: length of an interval, at least 1.
  public init(intervalSeconds: Int) {
    self.intervalSeconds = max(1, intervalSeconds)
  }

  /// Keeps the value for a day. One whose interval does not follow the last one by whole intervals
  /// starts afresh.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    guard let intervals else { return }
    if let last {
      let (distance, overflow) = intervalEnd.subtractingReportingOverflow(last)
      let missed = distance / intervalSeconds - 1
      if overflow || distance <= 0 || !distance.isMultiple(of: intervalSeconds)
        || missed >= intervals
      {
        values = []
      } else {
        values += [Double?](repeating: nil, count: missed)
      }
    }
    values.append(value)
    values.removeFirst(max(0, values.count - intervals))
    last = intervalEnd
  }

  /// The values one day before the next intervals; empty where one of them is unknown.
  public func forecast(steps: Int) -> [Double] {
    guard let intervals, steps > 0, values.count == intervals, steps <= intervals else { return [] }
    let forecasts = values.prefix(steps).compactMap { $0 }
    return forecasts.count == steps ? forecasts : []
  }

  /// Intervals of a day; nil where they don't divide it or are too many.
  private var intervals: Int? {
    let count = Self.day / intervalSeconds
    return Self.day.isMultiple(of: intervalSeconds) && count <= Self.mostIntervals ? count : nil
  }
}
