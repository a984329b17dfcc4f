#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The standard normal distribution.
public enum NormalDistribution {
  /// The share of the values below `value`; NaN for NaN.
  public static func share(below value: Double) -> Double {
    erfc(-value / Double(2).squareRoot()) / 2
  }

  /// The value that a share `probability` lies below, to about 1e-14.
  ///
  /// −∞ and ∞ for shares of 0 and 1 and beyond; NaN for NaN.
  ///
  /// Source: M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions*, 26.2.23 for the
  /// start, then Newton's method on the complementary error function.
  public static func quantile(_ probability: Double) -> Double {
    if probability.isNaN { return .nan }
    if probability <= 0 { return -.infinity }
    if probability >= 1 { return .infinity }
    // The lower half keeps its digits down to the smallest shares.
    let isUpper = probability > 0.5
    let tail = isUpper ? 1 - probability : probability
    let t = (-2 * log(tail)).squareRoot()
    let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
    let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    var x = numerator / denominator - t
    for _ in 0..<4 {
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      guard density > 0 else { break }
      x -= (erfc(-x / Double(2).squareRoot()) / 2 - tail) / density
    }
    return isUpper ? -x : x
  }
}
