/// What one decode engine does with a number of sequences of a given context length.
///
/// Throughput is hyperbolic in load and interpolates badly; latency and the *batching efficiency*
/// `throughput × ITL / concurrency` are smooth. These two are interpolated: within a row of one
/// context length linearly in the KV usage `concurrency × context / maximumKVTokens`, beyond the
/// last point with the row's overall slope; between rows, at equal KV usage, linearly in
/// 1/context. At equal KV usage 1/context is proportional to the number of sequences, so an
/// engine with ITL = a + b · KV tokens + c · sequences is reproduced exactly. Throughput is
/// derived from the two.
///
/// Outside the profiled context lengths the nearest row answers in the way that does not promise
/// too much: for shorter contexts with the same number of sequences, for longer ones with the
/// same KV usage. Latency is never below the fastest measured one, throughput never above the
/// largest measured one, and both are positive for positive input. A load above 100 % of the KV
/// cache is answered with a full cache, because further sequences wait.
public struct DecodeSurface: Sendable {
  /// The measured points in use, sorted by context length, then by KV usage.
  public let points: [DecodePoint]
  /// Tokens that the engine's KV cache holds.
  public let maximumKVTokens: Double
  /// What is odd about the data, each a sentence that names the point.
  public let warnings: [String]
  /// Why the units of the data can't be what they should be; nil for nothing.
  let unitFault: String?
  /// Rows of one context length each, in increasing order.
  let rows: [ContextRow]
  private let largestThroughput: Double

  /// Lays the surface through measured points, which may be in any order.
  ///
  /// Points that can't be used (a value that is NaN, infinite, zero or negative) are left out and
  /// several points of one load are averaged, each with a warning.
  ///
  /// - Parameters:
  ///   - kvUsage: share of the KV cache in use at each point, 0…1.
  ///   - contextLength: context length of each point, in tokens.
  ///   - itlMilliseconds: inter-token latency of each point.
  ///   - throughputPerGPU: generated tokens per second and GPU of each point.
  ///   - maximumKVTokens: tokens that the engine's KV cache holds.
  /// - Throws: ``ProfileError`` when the lengths differ, no point can be used, or the cache has
  ///   no size.
  public init(
    kvUsage: [Double], contextLength: [Double], itlMilliseconds: [Double],
    throughputPerGPU: [Double], maximumKVTokens: Double
  ) throws(ProfileError) {
    var table = try DecodeTable(
      kvUsage: kvUsage, contextLength: contextLength, itlMilliseconds: itlMilliseconds,
      throughputPerGPU: throughputPerGPU, maximumKVTokens: maximumKVTokens)
    rows = ContextRow.rows(of: table.rows(), maximumKVTokens: maximumKVTokens)
    points = table.points
    unitFault = UnitCheck.fault(of: table.points, maximumKVTokens: maximumKVTokens)
    warnings = abridged(table.warnings)
    self.maximumKVTokens = maximumKVTokens
    largestThroughput = points.reduce(0) { max($0, $1.throughputPerGPU) }
  }

  /// The profiled context lengths, in tokens.
  public var contextRange: ClosedRange<Double> {
    points[0].contextLength...points[points.count - 1].contextLength
  }

  /// Inter-token latency in milliseconds with `concurrency` sequences of `contextLength` tokens.
  ///
  /// Fewer sequences than were ever measured count as the fewest measured: an engine that is idle
  /// half of the time is no faster while it works. NaN or an infinite context gives NaN.
  public func itlMilliseconds(concurrency: Double, contextLength: Double) -> Double {
    guard !concurrency.isNaN, contextLength.isFinite else { return .nan }
    let place = Place(contextLength, in: rows)
    return itl(at: profiledUsage(concurrency, place), place)
  }

  /// Generated tokens per second and GPU with `concurrency` sequences of `contextLength` tokens.
  ///
  /// Below the fewest sequences measured it is proportional to their number. NaN or an infinite
  /// context gives NaN; a concurrency ≤ 0 gives 0.
  public func throughputPerGPU(concurrency: Double, contextLength: Double) -> Double {
    guard !concurrency.isNaN, contextLength.isFinite else { return .nan }
    let place = Place(contextLength, in: rows)
    let usage = profiledUsage(concurrency, place)
    let sequences = max(0, min(concurrency, self.concurrency(at: usage, place)))
    return throughput(of: sequences, at: usage, place)
  }

  /// How a query leaves what was measured; empty inside.
  ///
  /// - Parameters:
  ///   - concurrency: sequences in decode; nil asks about the context length alone.
  ///   - contextLength: context length in tokens.
  public func extrapolations(
    concurrency: Double? = nil, contextLength: Double
  ) -> [ProfileExtrapolation] {
    var found: [ProfileExtrapolation] = []
    if !contextRange.contains(contextLength) {
      found.append(.contextLength(contextLength, profiled: contextRange))
    }
    if let concurrency, contextLength.isFinite {
      let place = Place(contextLength, in: rows)
      let usage = concurrency * place.contextLength / maximumKVTokens
      let limit = place.highestUsage(in: rows)
      // The tolerance forgives the rounding of a load that was itself computed from the limit.
      if usage > limit * (1 + 1e-9) {
        found.append(.kvUsage(usage, measuredUpTo: limit))
      }
    }
    return found
  }
}

extension DecodeSurface {
  /// Latency at a KV usage.
  func itl(at usage: Double, _ place: Place) -> Double {
    place.mix(rows[place.lower].itl(usage), rows[place.upper].itl(usage))
  }

  /// Non-decreasing latency at a KV usage.
  func smoothITL(at usage: Double, _ place: Place) -> Double {
    place.mix(rows[place.lower].smoothITL(usage), rows[place.upper].smoothITL(usage))
  }

  /// Sequences that use a share of the cache.
  func concurrency(at usage: Double, _ place: Place) -> Double {
    usage * maximumKVTokens / place.contextLength
  }

  /// Throughput of a number of sequences, with latency and efficiency of a KV usage.
  func throughput(of sequences: Double, at usage: Double, _ place: Place) -> Double {
    let efficiency = place.mix(
      rows[place.lower].efficiency(usage), rows[place.upper].efficiency(usage))
    return min(sequences * efficiency * 1000 / itl(at: usage, place), largestThroughput)
  }

  /// The KV usage that stands for a number of sequences: not below the fewest measured, not above
  /// a full cache.
  private func profiledUsage(_ concurrency: Double, _ place: Place) -> Double {
    clamped(
      concurrency * place.contextLength / maximumKVTokens, place.lowestUsage(in: rows),
      max(1, place.lowestUsage(in: rows)))
  }
}
