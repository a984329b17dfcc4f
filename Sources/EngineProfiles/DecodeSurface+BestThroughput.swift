#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension DecodeSurface {
  /// The highest load whose latency is within the target, among loads that were measured.
  ///
  /// The walk starts at the largest KV usage profiled around this context length (between two
  /// rows, in between theirs) and goes down to the first load whose latency is within the target;
  /// the latency is piecewise linear there, so the crossing is exact. Latency need not rise with
  /// load in a profile. A dip counts only where the non-decreasing fit to the same measurements
  /// is within the target, too: a single fast sample above slower ones is noise, and an engine
  /// planned for it would pass through the slow loads below it.
  ///
  /// Where two neighbouring rows say that a longer context costs throughput, it costs throughput
  /// everywhere between them: the result never rises with the context length there (between rows,
  /// latency at equal KV usage falls, and with rows that flatten out at high load it may fall
  /// faster than the sequences grow). So replicas fall with a growing ISL or OSL only where a row
  /// of the profile has a larger best throughput than a shorter one.
  ///
  /// - Parameters:
  ///   - itlMilliseconds: the latency target.
  ///   - contextLength: context length in tokens; outside ``contextRange`` the nearest row is
  ///     used, see ``DecodeSurface``.
  /// - Returns: the operating point; when no load meets the target (or it is NaN), the lowest one
  ///   measured, with `meetsTarget` false. A context that is not finite gives NaN.
  public func bestThroughput(
    itlMilliseconds: Double, contextLength: Double
  ) -> DecodeOperatingPoint {
    guard contextLength.isFinite else {
      return DecodeOperatingPoint(
        throughputPerGPU: .nan, itlMilliseconds: .nan, kvUsage: .nan, concurrency: .nan,
        meetsTarget: false)
    }
    let place = Place(contextLength, in: rows)
    var point = walk(to: itlMilliseconds, place)
    point.throughputPerGPU = boundedByRows(
      point.throughputPerGPU, target: itlMilliseconds, place)
    point.kvUsage = point.concurrency * max(0, contextLength) / maximumKVTokens
    return point
  }

  /// The walk at one context length.
  private func walk(to target: Double, _ place: Place) -> DecodeOperatingPoint {
    let lowest = place.lowestUsage(in: rows)
    let highest = place.highestUsage(in: rows)
    let loads = ([lowest, highest] + rows[place.lower].itl.kvUsage + rows[place.upper].itl.kvUsage)
      .filter { $0 >= lowest && $0 <= highest }.sorted()
    let found =
      Self.highestLoad(from: highest, of: loads, within: target) { smoothITL(at: $0, place) }
      .flatMap { top in
        Self.highestLoad(from: top, of: loads, within: target) { itl(at: $0, place) }
      }
    let usage = found ?? lowest
    let sequences = concurrency(at: usage, place)
    let latency = itl(at: usage, place)
    return DecodeOperatingPoint(
      throughputPerGPU: throughput(of: sequences, at: usage, place),
      // At a crossing the two differ by rounding only.
      itlMilliseconds: found == nil ? latency : min(latency, target),
      kvUsage: usage, concurrency: sequences, meetsTarget: found != nil)
  }

  /// The highest load not above `top` at which a latency, linear between `loads`, is within the
  /// target; nil when there is none.
  private static func highestLoad(
    from top: Double, of loads: [Double], within target: Double, latency: (Double) -> Double
  ) -> Double? {
    var above = (load: top, latency: latency(top))
    if above.latency <= target { return top }
    for load in loads.reversed() where load < top {
      let below = (load: load, latency: latency(load))
      if below.latency <= target {
        let share = (target - below.latency) / (above.latency - below.latency)
        return below.load + share * (above.load - below.load)
      }
      above = below
    }
    return nil
  }

  /// Holds a throughput between two rows to what these rows say.
  ///
  /// It lies between the two rows' own best throughputs. Where the shorter context has the larger
  /// one, GPU time per token is taken at 32 rungs from the shorter to the longer context, never
  /// less than on the rung before, and joined by straight lines: exact on the rungs, and never
  /// falling with the context.
  private func boundedByRows(_ throughput: Double, target: Double, _ place: Place) -> Double {
    guard place.isBetweenRows else { return throughput }
    let first = rows[place.lower].contextLength
    let last = rows[place.upper].contextLength
    func best(at context: Double) -> Double {
      walk(to: target, Place(context, in: rows)).throughputPerGPU
    }
    let atFirst = best(at: first)
    let atLast = best(at: last)
    guard atFirst >= atLast else { return clamped(throughput, atFirst, atLast) }

    let rungs = 32
    var start = (context: first, gpuTime: 1 / atFirst)
    for rung in 1...rungs {
      let context =
        rung == rungs ? last : first * pow(last / first, Double(rung) / Double(rungs))
      let gpuTime = max(start.gpuTime, 1 / clamped(best(at: context), atLast, atFirst))
      if context >= place.contextLength {
        let share = (place.contextLength - start.context) / (context - start.context)
        return 1 / (start.gpuTime + share * (gpuTime - start.gpuTime))
      }
      start = (context, gpuTime)
    }
    return atLast
  }
}
