/// How many requests arrived in one interval.
public struct Arrivals: Codable, Sendable, Equatable {
  /// What the number rests on, the best first.
  public enum Basis: String, Codable, Sendable, Equatable {
    /// The frontend counts requests as they arrive.
    case started
    /// Requests completed plus the change of those in flight over the interval.
    case completedAndInFlight = "completed-and-in-flight"
    /// Requests completed: nothing better is known, and an overloaded deployment hides its load.
    case completed
  }

  /// Requests, at least 0; refused ones are not among them.
  public var count: Double
  /// What the number rests on.
  public var basis: Basis
  /// Variance over mean of the arrivals in short, equal parts of the interval (1 for a Poisson
  /// process); nil when unknown.
  public var indexOfDispersion: Double?

  /// Creates a count.
  public init(count: Double, basis: Basis, indexOfDispersion: Double? = nil) {
    self.count = count
    self.basis = basis
    self.indexOfDispersion = indexOfDispersion
  }
}
