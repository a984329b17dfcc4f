/// Why a series can't be fitted.
public enum ProphetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// As many times as values are needed.
  case countsDiffer(times: Int, values: Int)
  /// A line needs two points.
  case tooFewPoints(Int)
  /// The value at an index is NaN or infinite.
  case valueNotFinite(index: Int)
  /// The time at an index is not later than the one before: a duplicate or an unsorted series.
  case timeNotIncreasing(index: Int, time: Int, previous: Int)
  /// The time at an index is beyond ±2^52 seconds.
  case timeOutOfRange(index: Int, time: Int)

  /// A sentence that says what to do.
  public var description: String {
    switch self {
    case .countsDiffer(let times, let values):
      "Prophet needs one time for each value; give \(values) times instead of \(times)."
    case .tooFewPoints(let count):
      "Prophet needs at least 2 points to fit a trend; give more than \(count)."
    case .valueNotFinite(let index):
      "Prophet needs finite values; leave out the one at index \(index)."
    case .timeNotIncreasing(let index, let time, let previous):
      "Prophet needs increasing times; remove or move the point at index \(index), whose time "
        + "\(time) is not later than the one before, \(previous)."
    case .timeOutOfRange(let index, let time):
      "Prophet needs times in Unix seconds within ±2^52; correct \(time) at index \(index)."
    }
  }
}
