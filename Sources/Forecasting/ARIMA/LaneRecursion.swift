#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The filter of ``ARMALanes``, value by value, over memory that it is lent.
struct LaneRecursion {
  typealias Lanes = ARMALanes.Lanes

  /// 1 / innovation variance of the next value.
  private(set) var inverse: Lanes
  /// Whether variance and gain have reached their limits.
  private(set) var isSteady = false

  /// φ, θ, gain, increment, state and the state of the ones, `size` + 1 elements each; the last of
  /// each is 0 and stays so.
  private let work: UnsafeMutableBufferPointer<Lanes>
  private let size: Int
  private let ma: Int
  private let gain: Int
  private let increment: Int
  private let state: Int
  private let unitState: Int
  private let limit: Double
  private var variance: Lanes
  private var multiplier: Lanes
  /// The innovation of the value just taken, divided by its variance.
  private var scaled = Lanes.zero
  private var squares = Lanes.zero
  private var unitSquares = Lanes.zero
  private var products = Lanes.zero
  private var variances = VarianceProduct()

  /// - Parameters:
  ///   - work: see above, with φ, θ, gain and increment filled in and the states 0.
  ///   - startVariance: variance of the process.
  init(_ work: UnsafeMutableBufferPointer<Lanes>, size: Int, startVariance: Lanes) {
    self.work = work
    self.size = size
    ma = size + 1
    gain = 2 * (size + 1)
    increment = 3 * (size + 1)
    state = 4 * (size + 1)
    unitState = 5 * (size + 1)
    variance = startVariance
    inverse = 1 / startVariance
    multiplier = -inverse
    // Rounding of the start leaves that much of the distance from the limit.
    limit = 1e-12 + 4 * Double.ulpOfOne * startVariance.max()
  }

  /// Takes a value of the series and returns its innovation.
  @inline(__always)
  mutating func take(_ value: Double) -> Lanes {
    let head = work[state]
    let innovation = value - head
    scaled = inverse * innovation
    squares += innovation * scaled
    for row in 0..<size {
      work[state + row] = work[row] * head + work[state + row + 1] + work[gain + row] * scaled
    }
    return innovation
  }

  /// Takes a value of the series of ones, after that of the series itself.
  @inline(__always)
  mutating func takeUnit() -> Lanes {
    let head = work[unitState]
    let innovation = 1 - head
    let scaledUnit = inverse * innovation
    unitSquares += innovation * scaledUnit
    products += innovation * scaled
    for row in 0..<size {
      work[unitState + row] =
        work[row] * head + work[unitState + row + 1] + work[gain + row] * scaledUnit
    }
    return innovation
  }

  /// Moves variance and gain to the next value.
  ///
  /// - Parameter isWarm: whether the start is over, so that the variance may be at its limit.
  @inline(__always)
  mutating func advanceGain(isWarm: Bool) {
    variances.multiply(by: variance)
    let lead = work[increment]
    let step = multiplier * lead
    variance += lead * step
    let nextInverse = 1 / variance
    let back = nextInverse * lead
    for row in 0..<size {
      let moved = work[row] * lead + work[increment + row + 1]
      let next = work[gain + row] + moved * step
      work[gain + row] = next
      work[increment + row] = moved - next * back
    }
    multiplier += step * step * inverse
    inverse = nextInverse
    let distance = variance - 1
    if isWarm, max(distance.max(), -distance.min()) <= limit {
      isSteady = true
      inverse = Lanes(repeating: 1)
      for row in 0..<size { work[gain + row] = work[row] + work[ma + row] }
    }
  }

  /// What the likelihood of the values so far is made of.
  func outcome(hasMean: Bool) -> ARMALanes.Outcome {
    let mean = hasMean ? products / unitSquares : .zero
    return ARMALanes.Outcome(
      squares: hasMean ? squares - products * mean : squares, logVariances: variances.logarithm,
      mean: mean)
  }
}

/// A product of many factors of at least 1, kept from overflowing; cheaper than as many logarithms.
private struct VarianceProduct {
  private var product = ARMALanes.Lanes(repeating: 1)
  private var logarithms = ARMALanes.Lanes.zero

  mutating func multiply(by factor: ARMALanes.Lanes) {
    product *= factor
    if product.max() > 1e150 {
      logarithms = logarithm
      product = ARMALanes.Lanes(repeating: 1)
    }
  }

  var logarithm: ARMALanes.Lanes {
    var sum = logarithms
    for lane in 0..<4 { sum[lane] += log(product[lane]) }
    return sum
  }
}
