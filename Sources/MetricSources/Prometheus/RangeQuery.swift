/// A query evaluated at evenly spaced times.
struct RangeQuery: Equatable {
  /// PromQL.
  let text: String
  /// First time, Unix seconds.
  let start: Double
  /// Seconds between two times, above 0.
  let step: Double
  /// How many times, at least 1.
  let count: Int

  /// Last time, Unix seconds.
  var end: Double { start + step * Double(count - 1) }

  /// Which of the times `time` is; nil when it is none of them.
  func index(of time: Double) -> Int? {
    let position = ((time - start) / step).rounded()
    guard position >= 0, position < Double(count),
      abs(start + position * step - time) < 0.01
    else { return nil }
    return Int(position)
  }
}

/// What came back for a ``RangeQuery``.
struct RangeAnswer: Equatable {
  /// One series of the result.
  struct Series: Equatable {
    var labels: [String: String]
    /// The value at each of the query's times as Prometheus wrote it; nil where there is none.
    var texts: [String?]
  }

  var series: [Series] = []
  /// Prometheus's own warnings.
  var warnings: [String] = []
}
