import Presentation

/// A query that leaves what was measured. The answer is then the nearest measured one or a
/// straight continuation, and the decision that rests on it says so.
public enum ProfileExtrapolation: Sendable, Equatable, CustomStringConvertible {
  /// The input sequence length lies outside the profiled ones (tokens).
  case isl(Double, profiled: ClosedRange<Double>)
  /// The context length lies outside the profiled ones (tokens).
  case contextLength(Double, profiled: ClosedRange<Double>)
  /// The share of the KV cache in use is above the largest one measured around this context
  /// length; above 1, sequences wait and the answer is that of a full cache.
  case kvUsage(Double, measuredUpTo: Double)

  /// A sentence for the decision.
  public var description: String {
    switch self {
    case .isl(let isl, let range):
      "ISL \(Numbers.significant(isl)) is outside the profiled \(text(range)) tokens; "
        + "the nearest profiled length is used."
    case .contextLength(let length, let range):
      "Context length \(Numbers.significant(length)) is outside the profiled \(text(range)) tokens; "
        + "the nearest profiled length is used."
    case .kvUsage(let usage, let limit):
      "KV cache usage \(Numbers.significant(100 * usage)) % is above the \(Numbers.significant(100 * limit)) % measured "
        + "around this context length; "
        + (usage > 1 ? "the answer is that of a full cache." : "the measurements are continued.")
    }
  }

  private func text(_ range: ClosedRange<Double>) -> String {
    "\(Numbers.significant(range.lowerBound))…\(Numbers.significant(range.upperBound))"
  }
}
