/// What a forecast can mean at most and at least, from what the series did.
///
/// A forecast for the k-th interval to come lies between
///
///     least of a day − 3 · (largest fall over k intervals)
///     most of a day  + 3 · (largest rise over k intervals)
///
/// Falls and rises are those of the last 100 values; a horizon beyond them counts as several. A
/// series that never left 90…120 is never forecast above 210, whatever its model makes of it; one
/// that rises by 10 from interval to interval may rise by 30 in the next: growth that grows is
/// followed.
struct ForecastBounds: Codable, Sendable, Equatable {
  private struct Hour: Codable, Sendable, Equatable {
    var index: Int
    var least: Double
    var most: Double
  }

  private static let window = 100
  private static let hours = 24
  private static let fewestValues = 5
  private static let acceleration = 3.0

  /// The last values, oldest first.
  @PackedNumbers private var values: [Double] = []
  /// Extremes of the hours of a day, oldest first.
  private var hours: [Hour] = []

  /// Takes the next value.
  mutating func observe(_ value: Double, intervalEnd: Int) {
    values.append(value)
    values.removeFirst(max(0, values.count - Self.window))
    let index = intervalEnd / 3600
    if hours.last?.index == index {
      hours[hours.count - 1].least = min(hours[hours.count - 1].least, value)
      hours[hours.count - 1].most = max(hours[hours.count - 1].most, value)
    } else {
      hours.append(Hour(index: index, least: value, most: value))
    }
    hours.removeAll { $0.index < index - Self.hours }
  }

  /// The forecast, or the bound that it exceeds.
  ///
  /// - Parameter step: which interval it is for, from 1 on.
  func bounded(_ forecast: Double, step: Int) -> Double {
    guard values.count >= Self.fewestValues, let most = hours.map(\.most).max(),
      let least = hours.map(\.least).min()
    else { return forecast }
    if forecast > most { return min(forecast, most + Self.acceleration * change(step, >)) }
    if forecast < least { return max(forecast, least + Self.acceleration * change(step, <)) }
    return forecast
  }

  /// The largest rise over so many intervals, or the largest fall, negative; 0 without any.
  private func change(_ step: Int, _ isBeyond: (Double, Double) -> Bool) -> Double {
    let lag = min(max(1, step), values.count - 1)
    var change = 0.0
    for index in lag..<values.count {
      let difference = values[index] - values[index - lag]
      if isBeyond(difference, change) { change = difference }
    }
    return change * (Double(step) / Double(lag)).rounded(.up)
  }
}
