import Glibc
import TestSupport

/// Reproducible Gaussian noise for tests (the Box–Muller transform).
struct SeededNoise {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// A standard normal value.
  mutating func next() -> Double {
    let radius = (-2 * log(uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// A value above 0 and at most 1.
  mutating func uniform() -> Double { random.uniform() }

  /// An ARMA process of the given length, started long before.
  mutating func process(_ count: Int, ar: [Double] = [], ma: [Double] = [], mean: Double = 0)
    -> [Double]
  {
    var values: [Double] = []
    var innovations: [Double] = []
    for time in 0..<(count + 200) {
      let innovation = next()
      var value = innovation
      for (lag, phi) in ar.enumerated() where time > lag { value += phi * values[time - lag - 1] }
      for (lag, theta) in ma.enumerated() where time > lag {
        value += theta * innovations[time - lag - 1]
      }
      values.append(value)
      innovations.append(innovation)
    }
    return values.suffix(count).map { $0 + mean }
  }
}
