#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// How long customers of a queue are served.
public enum ServiceTimes: Sendable, Equatable {
  /// All equally long, seconds above 0.
  case constant(Double)
  /// Exponential with a mean, seconds above 0.
  case exponential(mean: Double)
  /// Some values (seconds, at least 0, not all 0) with the share of each; the shares add up to 1.
  case mixture(values: [Double], shares: [Double])

  /// Mean, seconds.
  public var mean: Double {
    switch self {
    case .constant(let value): value
    case .exponential(let mean): mean
    case .mixture(let values, let shares): sum(values, shares) { $0 }
    }
  }

  /// Mean of the squares.
  public var secondMoment: Double {
    switch self {
    case .constant(let value): value * value
    case .exponential(let mean): 2 * mean * mean
    case .mixture(let values, let shares): sum(values, shares) { $0 * $0 }
    }
  }

  /// Variance over the square of the mean.
  public var squaredVariation: Double {
    switch self {
    case .constant: 0
    case .exponential: 1
    case .mixture: max(0, secondMoment / (mean * mean) - 1)
    }
  }

  /// E[e^{s·S}] − 1 and its derivative in s; infinite where they don't exist.
  func momentGenerating(_ s: Double) -> (value: Double, slope: Double) {
    switch self {
    case .constant(let value): return (expm1(s * value), value * exp(s * value))
    case .exponential(let mean):
      let rest = 1 - s * mean
      return rest > 0 ? (s * mean / rest, mean / (rest * rest)) : (.infinity, .infinity)
    case .mixture(let values, let shares):
      var result = (value: 0.0, slope: 0.0)
      for (value, share) in zip(values, shares) {
        let grown = exp(s * value)
        result.value += share * (grown - 1)
        result.slope += share * value * grown
      }
      return result
    }
  }

  /// The longest service, or what stands for it where there is none.
  var longest: Double {
    switch self {
    case .constant(let value): value
    case .exponential(let mean): 30 * mean
    case .mixture(let values, _): values.max() ?? 0
    }
  }

  private func sum(_ values: [Double], _ shares: [Double], _ of: (Double) -> Double) -> Double {
    zip(values, shares).reduce(0) { $0 + of($1.0) * $1.1 }
  }
}
