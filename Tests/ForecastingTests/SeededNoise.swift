import Glibc

/// Reproducible Gaussian noise for tests (SplitMix64 and the Box–Muller transform).
struct SeededNoise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A standard normal value.
  mutating func next() -> Double {
    let radius = (-2 * log(uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// A value above 0 and at most 1.
  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return (Double(mixed >> 11) + 1) / 9_007_199_254_740_992
  }

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
