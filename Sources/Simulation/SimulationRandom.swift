#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Random numbers that are the same for the same seed, on every machine.
///
/// The generator is xoshiro256**, seeded through SplitMix64.
///
/// Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM
/// Transactions on Mathematical Software 47 (2021); the authors' public-domain code.
public struct SimulationRandom: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Creates a generator.
  ///
  /// - Parameters:
  ///   - seed: two equal seeds give equal numbers.
  ///   - stream: numbers of different streams of one seed have nothing to do with each other, so
  ///     that drawing more of one kind leaves the other kinds as they were.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var seeder = seed ^ (stream &* 0xd134_2543_de82_ef95)
    func next() -> UInt64 {
      seeder &+= 0x9e37_79b9_7f4a_7c15
      var z = seeder
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let result = Self.rotated(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotated(state.3, by: 45)
    return result
  }

  /// A number in 0..<1.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An index in 0..<`count`; `count` at least 1.
  mutating func index(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(max(1, count))).high)
  }

  /// An exponential number with the given mean.
  mutating func exponential(mean: Double) -> Double { -log(1 - uniform()) * mean }

  /// A standard normal number (Box and Muller's method; the second number is not kept).
  mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }

  /// A log-normal number with the given mean and coefficient of variation.
  mutating func logNormal(mean: Double, variation: Double) -> Double {
    let variance = log(1 + variation * variation)
    return mean * exp(variance.squareRoot() * normal() - variance / 2)
  }

  private static func rotated(_ value: UInt64, by count: UInt64) -> UInt64 {
    (value << count) | (value >> (64 - count))
  }
}
