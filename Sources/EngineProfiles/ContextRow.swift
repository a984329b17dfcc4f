#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What was measured at one context length, as curves over the KV usage.
struct ContextRow: Sendable {
  /// The context length in tokens; the geometric mean where a row holds several.
  let contextLength: Double
  /// Inter-token latency in milliseconds, through the measured points.
  var itl: LoadCurve
  /// The non-decreasing fit to the same points: where it disagrees with a dip of ``itl``, the
  /// dip is more likely noise than a load that an engine bears better than lower ones.
  var smoothITL: LoadCurve
  /// `throughput per GPU × ITL / concurrency`, see ``DecodePoint/batchingEfficiency``.
  var efficiency: LoadCurve

  /// The smallest measured KV usage.
  var lowestUsage: Double { itl.kvUsage[0] }
  /// The largest measured KV usage, never more than the cache holds.
  var highestUsage: Double { max(lowestUsage, min(1, itl.kvUsage[itl.kvUsage.count - 1])) }

  /// Builds the rows of a profile, in order of context length.
  ///
  /// - Parameters:
  ///   - groups: at least one row of at least one point, loads strictly increasing.
  ///   - maximumKVTokens: tokens that the KV cache holds.
  static func rows(of groups: [[DecodePoint]], maximumKVTokens: Double) -> [ContextRow] {
    let points = groups.flatMap { $0 }
    let fastest = points.reduce(.infinity) { min($0, $1.itlMilliseconds) }
    let efficiencies = points.map { $0.batchingEfficiency(maximumKVTokens: maximumKVTokens) }
    let leastEfficient = efficiencies.reduce(.infinity, min)
    let mostEfficient = efficiencies.reduce(-.infinity, max)
    var rows = groups.map { group in
      let usage = group.map(\.kvUsage)
      let itl = group.map(\.itlMilliseconds)
      let efficiency = group.map { $0.batchingEfficiency(maximumKVTokens: maximumKVTokens) }
      return ContextRow(
        contextLength: representativeContext(of: group),
        itl: LoadCurve(kvUsage: usage, values: itl, tailSlope: 0, minimum: fastest),
        smoothITL: LoadCurve(
          kvUsage: usage, values: isotonic(itl), tailSlope: 0, minimum: fastest),
        efficiency: LoadCurve(
          kvUsage: usage, values: efficiency, tailSlope: 0, minimum: leastEfficient,
          maximum: mostEfficient))
    }
    setTailSlopes(&rows)
    return rows
  }

  /// Beyond its last point a row goes on with its own overall slope, or with that of the nearest
  /// row (in 1/context, like all interpolation between rows) when it has only one point. More
  /// load is never taken to make tokens come faster.
  private static func setTailSlopes(_ rows: inout [ContextRow]) {
    let withSlope = rows.filter { $0.itl.kvUsage.count > 1 }
    for i in rows.indices {
      func distance(_ row: ContextRow) -> Double {
        (1 / row.contextLength - 1 / rows[i].contextLength).magnitude
      }
      let model =
        rows[i].itl.kvUsage.count > 1
        ? rows[i] : withSlope.min { distance($0) < distance($1) }
      guard let model else { continue }
      let itlSlope = max(0, model.itl.overallSlope ?? 0)
      rows[i].itl.tailSlope = itlSlope
      rows[i].smoothITL.tailSlope = itlSlope
      rows[i].efficiency.tailSlope = model.efficiency.overallSlope ?? 0
    }
  }

  private static func representativeContext(of group: [DecodePoint]) -> Double {
    let first = group[0].contextLength
    guard group.contains(where: { $0.contextLength != first }) else { return first }
    return exp(group.reduce(0) { $0 + log($1.contextLength) } / Double(group.count))
  }
}
