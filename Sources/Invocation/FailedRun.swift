/// Runs that ended with an error instead of a decision: one after another with the same error are one.
public struct FailedRun: Sendable, Equatable {
  /// Unix seconds of the first.
  public var first: Double
  /// Unix seconds of the last.
  public var last: Double
  /// How many, at least 1.
  public var count: Int
  /// Their exit code.
  public var code: Int
  /// What they said.
  public var error: String

  /// Creates failed runs; by default one.
  public init(first: Double, last: Double? = nil, count: Int = 1, code: Int, error: String) {
    self.first = first
    self.last = last ?? first
    self.count = count
    self.code = code
    self.error = error
  }
}
