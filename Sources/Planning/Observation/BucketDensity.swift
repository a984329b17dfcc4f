import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A guess at how values are spread inside the buckets of a histogram.
///
/// Inside a bucket the density is exponential, c·exp(s·u) over the position u in 0…1. Its slope s
/// joins the densities of the neighbouring buckets (straight lines between the middles of buckets)
/// plus one tilt, the same for all buckets, with which the mean becomes sum / count. Above the last
/// bound the values lie exponentially, at neutral tilt one width of the last bucket beyond it.
/// Values are taken as not negative: the first bucket begins at 0 unless its bound is below.
struct BucketDensity {
  private struct Bucket {
    var lower: Double
    var width: Double
    var count: Double
    var slope = 0.0
  }

  private var buckets: [Bucket]
  private let total: Double
  private var tilt = 0.0

  /// Beyond this tilt all values are within half a percent of an edge of their bucket.
  private static let steepest = 200.0

  /// Nil without values.
  init?(_ histogram: BucketCounts) {
    total = histogram.count
    guard total > 0, total.isFinite, let last = histogram.upperBounds.last else { return nil }
    buckets = []
    var lower = min(0, histogram.upperBounds[0])
    for (bound, count) in zip(histogram.upperBounds, histogram.counts) {
      buckets.append(Bucket(lower: lower, width: bound - lower, count: count))
      lower = bound
    }
    let step = buckets.last { $0.width > 0 }?.width ?? 1
    buckets.append(Bucket(lower: last, width: step, count: histogram.counts[buckets.count]))
    setSlopes()
    if let mean = histogram.mean { setTilt(mean: mean) }
  }

  /// Variance over the square of the mean; nil when the mean is 0.
  var squaredCoefficientOfVariation: Double? {
    var mean = 0.0
    for index in buckets.indices { mean += share(index) * moments(index, tilt).mean }
    guard mean > 0, mean.isFinite else { return nil }
    var variance = 0.0
    for index in buckets.indices where buckets[index].count > 0 {
      let part = moments(index, tilt)
      let distance = part.mean - mean
      variance += share(index) * (part.variance + distance * distance)
    }
    let result = variance / mean / mean
    return result.isFinite ? max(0, result) : nil
  }

  /// The value that a share `q` of all values doesn't exceed.
  func quantile(_ q: Double) -> Double? {
    var left = q * total
    for index in buckets.indices.dropLast() where buckets[index].count > 0 {
      let bucket = buckets[index]
      if left <= bucket.count {
        return bucket.lower + bucket.width * position(left / bucket.count, slope(index))
      }
      left -= bucket.count
    }
    guard let tail = buckets.last, tail.count > 0 else { return highestBound }
    let above = 1 - left / tail.count
    guard above > 0 else { return left > tail.count * (1 + 1e-9) || q >= 1 ? nil : highestBound }
    return tail.lower - meanExcess(tilt) * log(above)
  }

  /// The share of values that are at most `value`.
  func share(atMost value: Double) -> Double {
    var below = 0.0
    for index in buckets.indices {
      let bucket = buckets[index]
      if index == buckets.count - 1 {
        if value > bucket.lower {
          below += bucket.count * (1 - exp(-(value - bucket.lower) / meanExcess(tilt)))
        }
      } else if value >= bucket.lower + bucket.width {
        below += bucket.count
      } else if value > bucket.lower {
        below += bucket.count * mass((value - bucket.lower) / bucket.width, slope(index))
      }
    }
    return min(1, below / total)
  }

  private var highestBound: Double {
    buckets.dropLast().last { $0.count > 0 }.map { $0.lower + $0.width } ?? 0
  }

  private func share(_ index: Int) -> Double { buckets[index].count / total }

  private func slope(_ index: Int) -> Double { buckets[index].slope + tilt }

  private mutating func setSlopes() {
    func density(_ index: Int) -> Double {
      buckets[index].width > 0 ? buckets[index].count / buckets[index].width : 0
    }
    func edge(_ left: Int, _ right: Int) -> Double {
      let (a, b) = (buckets[left].width, buckets[right].width)
      return (density(left) * b + density(right) * a) / (a + b)
    }
    for index in buckets.indices.dropLast() where density(index) > 0 {
      let hasLeft = index > 0 && buckets[index - 1].width > 0
      let left = hasLeft ? edge(index - 1, index) : density(index)
      let slope = log(edge(index, index + 1) / left)
      // What the neighbours say of a bucket is a hint, not a measurement: bounded.
      buckets[index].slope = slope.isFinite ? min(6, max(-6, slope)) : 0
    }
  }

  private mutating func setTilt(mean: Double) {
    func excess(_ tilt: Double) -> Double {
      var sum = 0.0
      for index in buckets.indices where buckets[index].count > 0 {
        sum += share(index) * moments(index, tilt).mean
      }
      return sum - mean
    }
    let steepest = Self.steepest
    guard excess(-steepest) < 0 else { return tilt = -steepest }
    guard excess(steepest) > 0 else { return tilt = steepest }
    let (low, high) = bisect(-steepest, steepest, halvings: 50) { excess($0) < 0 }
    tilt = (low + high) / 2
  }

  private func moments(_ index: Int, _ tilt: Double) -> (mean: Double, variance: Double) {
    let bucket = buckets[index]
    if index == buckets.count - 1 {
      let excess = meanExcess(tilt)
      return (bucket.lower + excess, excess * excess)
    }
    let (mean, variance) = Self.moments(bucket.slope + tilt)
    return (bucket.lower + bucket.width * mean, bucket.width * bucket.width * variance)
  }

  /// Mean distance from the last bound of what is above it.
  private func meanExcess(_ tilt: Double) -> Double {
    let mean = Self.moments(tilt).mean
    return (buckets.last?.width ?? 1) * mean / (1 - mean)
  }

  private static func moments(_ slope: Double) -> (mean: Double, variance: Double) {
    if abs(slope) < 0.01 {
      return (0.5 + slope / 12, 1.0 / 12 - slope * slope / 240)
    }
    let steepness = abs(slope)
    let rest = exp(-steepness)
    let mean = 1 / (1 - rest) - 1 / steepness
    let sinhHalf = (1 - rest) * (1 - rest)
    let variance = max(0, 1 / steepness / steepness - rest / sinhHalf)
    return (slope > 0 ? mean : 1 - mean, variance)
  }

  /// Share of a bucket up to position `u`.
  private func mass(_ u: Double, _ slope: Double) -> Double {
    abs(slope) < 1e-6 ? u : expm1(slope * u) / expm1(slope)
  }

  /// Position up to which a bucket holds the share `mass`.
  private func position(_ mass: Double, _ slope: Double) -> Double {
    let u = abs(slope) < 1e-6 ? mass : log1p(mass * expm1(slope)) / slope
    return min(1, max(0, u))
  }
}
