/// Forecasts what the same time of the day brought a day earlier.
///
/// It needs intervals that divide a day, at most 2880 of them (30 s), and has no forecast for an
/// interval whose predecessor it did not see.
public struct DailyNaivePredictor: LoadPredictor {
  private static let day = 86_400
  private static let mostSlots = 2880

  private let intervalSeconds: Int
  /// The newest values by their place in the day, and the ends of their intervals.
  private var values: [Double] = []
  private var ends: [Int] = []
  private var last: Int?

  /// Creates a predictor that has seen nothing.
  ///
  /// - Parameter intervalSeconds: length of an interval, at least 1.
  public init(intervalSeconds: Int) {
    self.intervalSeconds = max(1, intervalSeconds)
  }

  /// Keeps the value for a day.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    guard let slot = slot(intervalEnd) else { return }
    // The day fills up as it is seen, so a short history stays small in the state file.
    while values.count <= slot {
      values.append(0)
      ends.append(Int.min)
    }
    values[slot] = value
    ends[slot] = intervalEnd
    last = intervalEnd
  }

  /// The values one day before the next intervals; empty where one of them is unknown.
  public func forecast(steps: Int) -> [Double] {
    guard let last, steps > 0, steps <= Self.day / intervalSeconds else { return [] }
    var forecasts: [Double] = []
    for step in 1...steps {
      let (end, overflow) = last.addingReportingOverflow(step * intervalSeconds - Self.day)
      guard !overflow, let slot = slot(end), slot < ends.count, ends[slot] == end else { return [] }
      forecasts.append(values[slot])
    }
    return forecasts
  }

  private func slot(_ end: Int) -> Int? {
    guard Self.day.isMultiple(of: intervalSeconds), Self.day / intervalSeconds <= Self.mostSlots,
      end >= 0
    else { return nil }
    return end % Self.day / intervalSeconds
  }
}
