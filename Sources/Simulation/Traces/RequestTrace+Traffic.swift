import Forecasting

extension RequestTrace {
  /// Most intervals that ``traffic(intervalSeconds:)`` gives: far more than any predictor looks
  /// back on.
  public static let mostIntervals = 10_000

  /// The traffic of each whole interval, counted from time zero, oldest first; of more than
  /// ``mostIntervals`` the newest.
  ///
  /// An interval without requests is there, with a count of 0: left out, it would make the traffic
  /// look denser than it was. The interval that the last request falls into is not: nobody knows
  /// how much of it was recorded.
  ///
  /// - Parameter intervalSeconds: length of an interval, at least 1.
  public func traffic(intervalSeconds: Int) -> [RecordedTraffic] {
    let length = Double(max(1, intervalSeconds))
    // Traces span at most some thousand years (`TraceTime`), so this fits.
    let whole = Int((duration / length).rounded(.down))
    return (max(0, whole - Self.mostIntervals)..<whole).map { index in
      let requests = requests(from: Double(index) * length, to: Double(index + 1) * length)
      return RecordedTraffic(
        requestCount: Double(requests.count), isl: Self.mean(isl[requests]),
        osl: Self.mean(osl[requests]))
    }
  }
}
