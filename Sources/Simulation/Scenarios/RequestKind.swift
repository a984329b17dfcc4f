#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Requests that are alike: their prompts and answers have distributions of their own.
struct RequestKind: Sendable, Equatable {
  /// A distribution of lengths: log-normal, some with a heavy tail.
  struct Length: Sendable, Equatable {
    /// Mean of the log-normal part, in tokens.
    var mean: Double
    /// Its coefficient of variation.
    var variation: Double
    /// Share of lengths that are drawn from a Pareto distribution instead, with the exponent 1.6
    /// (a finite mean, no finite variance) and ``mean`` as its smallest value.
    var tailShare = 0.0

    /// The longest length that is made, in tokens.
    static let longest = SyntheticTraffic.longestSequence
    private static let tailExponent = 1.6

    /// The length at a standard normal number, or one of the tail.
    func length(_ normal: Double, _ random: inout SimulationRandom) -> Int32 {
      let chance = random.uniform()
      let variance = log(1 + variation * variation)
      let tokens =
        chance < tailShare
        ? mean * pow(1 - chance / tailShare, -1 / Self.tailExponent)
        : mean * exp(variance.squareRoot() * normal - variance / 2)
      return Int32(min(max(tokens.rounded(), 1), Self.longest))
    }
  }

  /// How many of the requests are of this kind, relative to the others.
  var weight: Double
  /// Input sequence length.
  var isl: Length
  /// Output sequence length.
  var osl: Length
  /// Correlation of the two lengths' logarithms, -1…1 (for lengths that are not of the tail).
  var correlation: Double

  /// Lengths of a request. Draws as many random numbers whatever comes out.
  func lengths(_ random: inout SimulationRandom) -> (isl: Int32, osl: Int32) {
    let first = random.normal()
    let second =
      correlation * first + (1 - correlation * correlation).squareRoot() * random.normal()
    return (isl.length(first, &random), osl.length(second, &random))
  }

  /// The same with longer prompts.
  func stretched(prompts factor: Double) -> RequestKind {
    var kind = self
    kind.isl.mean *= factor
    return kind
  }
}

/// The kinds that the scenarios are made of.
extension RequestKind {
  /// Questions and, less often, turns of long conversations: answers of some hundred tokens.
  static let chat = [
    RequestKind(
      weight: 0.7, isl: .init(mean: 900, variation: 1.2), osl: .init(mean: 320, variation: 0.9),
      correlation: 0.3),
    RequestKind(
      weight: 0.3, isl: .init(mean: 6000, variation: 0.8, tailShare: 0.01),
      osl: .init(mean: 380, variation: 0.8), correlation: 0.2),
  ]
  /// Completions of a line or two, some edits that rewrite a function.
  static let code = [
    RequestKind(
      weight: 0.85, isl: .init(mean: 2200, variation: 0.8),
      osl: .init(mean: 25, variation: 1.2), correlation: 0.1),
    RequestKind(
      weight: 0.15, isl: .init(mean: 5000, variation: 0.8),
      osl: .init(mean: 260, variation: 1), correlation: 0.4),
  ]
  /// Long prompts have short answers, short ones long answers.
  static let documents = [
    RequestKind(
      weight: 0.6, isl: .init(mean: 9000, variation: 0.5), osl: .init(mean: 120, variation: 0.6),
      correlation: -0.3),
    RequestKind(
      weight: 0.4, isl: .init(mean: 600, variation: 1), osl: .init(mean: 600, variation: 0.8),
      correlation: -0.1),
  ]
  /// Long answers, and the longer the question, the longer.
  static let reasoning = [
    RequestKind(
      weight: 1, isl: .init(mean: 800, variation: 1), osl: .init(mean: 1800, variation: 0.8),
      correlation: 0.4)
  ]
}
