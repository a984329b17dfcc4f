import NumericalMethods

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// How token counts are spread: some lengths with the share of the requests that each stands for.
struct LengthMix: Sendable, Equatable {
  /// Tokens, above 0.
  let lengths: [Double]
  /// Share of each; they add up to 1.
  let shares: [Double]

  /// Values below which a histogram says too little of a spread.
  private static let fewestValues = 20.0

  /// Spreads lengths like a histogram, or where that says too little log-normally with a standard
  /// deviation equal to the mean, and scales them to `mean`.
  ///
  /// Within a bucket values are taken to lie evenly; above the last bound up to twice that.
  init(mean: Double, histogram: BucketCounts?) {
    let (lengths, shares) = histogram.flatMap(Self.measured) ?? Self.assumed
    let scale = mean / zip(lengths, shares).reduce(0) { $0 + $1.0 * $1.1 }
    self.lengths = lengths.map { max($0 * scale, .leastNormalMagnitude) }
    self.shares = shares
  }

  /// The same spread of lengths that are `factor` times as long.
  func scaled(by factor: Double) -> LengthMix {
    LengthMix(lengths: lengths.map { max($0 * factor, .leastNormalMagnitude) }, shares: shares)
  }

  private init(lengths: [Double], shares: [Double]) {
    self.lengths = lengths
    self.shares = shares
  }

  /// Variance over the square of the mean.
  var squaredVariation: Double {
    let (mean, square) = zip(lengths, shares).reduce((0.0, 0.0)) {
      ($0.0 + $1.0 * $1.1, $0.1 + $1.0 * $1.0 * $1.1)
    }
    return mean > 0 ? max(0, square / (mean * mean) - 1) : 0
  }

  /// Two points of a bucket that have the mean and the variance of all of it (Gauss and Legendre).
  private static let gaussPoints = [(1 - 1 / 3.0.squareRoot()) / 2, (1 + 1 / 3.0.squareRoot()) / 2]

  private static func measured(_ histogram: BucketCounts) -> ([Double], [Double])? {
    let count = histogram.count
    guard count >= fewestValues, count.isFinite else { return nil }
    var lengths: [Double] = []
    var shares: [Double] = []
    for (index, values) in histogram.counts.enumerated() where values > 0 {
      let low = index > 0 ? max(0, histogram.upperBounds[index - 1]) : 0
      let high =
        index < histogram.upperBounds.count ? max(0, histogram.upperBounds[index]) : 2 * low
      for part in Self.gaussPoints {
        lengths.append(low + (high - low) * part)
        shares.append(values / count / 2)
      }
    }
    let mean = zip(lengths, shares).reduce(0) { $0 + $1.0 * $1.1 }
    return mean > 0 && mean.isFinite ? (lengths, shares) : nil
  }

  /// Log-normal with as much deviation as mean, as slices that hold a share each.
  private static let assumed: ([Double], [Double]) = {
    let sigma = log(2.0).squareRoot()
    let bounds = [0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.96, 0.985, 1]
    let slices = Array(zip(bounds, bounds.dropFirst()))
    return (
      slices.map { exp(sigma * NormalDistribution.quantile(($0 + $1) / 2)) },
      slices.map { $1 - $0 }
    )
  }()
}
