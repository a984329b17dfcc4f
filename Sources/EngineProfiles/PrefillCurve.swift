import NumericalMethods

/// One measured prompt length.
public struct PrefillPoint: Sendable, Equatable {
  /// Input sequence length in tokens.
  public var isl: Double
  /// Time to first token on an idle engine, in milliseconds.
  public var ttftMilliseconds: Double
  /// Prompt tokens per second and GPU.
  public var throughputPerGPU: Double

  /// GPU seconds that one prompt of this length costs.
  public var gpuSecondsPerPrompt: Double { isl / throughputPerGPU }

  /// Creates a point.
  public init(isl: Double, ttftMilliseconds: Double, throughputPerGPU: Double) {
    self.isl = isl
    self.ttftMilliseconds = ttftMilliseconds
    self.throughputPerGPU = throughputPerGPU
  }
}

/// What one prefill engine does with a prompt of a given length.
///
/// Time to first token and throughput are cubic splines over the profiled lengths. A spline
/// overshoots, so the results are held to what was measured: both stay between the smallest and
/// the largest profiled value, and the GPU time of a prompt stays between those of its two
/// neighbours where the longer neighbour costs more than the shorter one. Replicas at a given
/// request rate therefore fall with a growing ISL only where the measured points say so. Inside
/// these bounds the values are the splines' own.
public struct PrefillCurve: Sendable {
  /// The measured points in use, sorted by ISL, which is different in each.
  public let points: [PrefillPoint]
  /// What is odd about the data, each a sentence that names the point.
  public let warnings: [String]
  /// Why the units of the data can't be what they should be; nil for nothing.
  let unitFault: String?
  private let ttft: CubicSpline
  private let throughput: CubicSpline
  private let gpuSeconds: CubicSpline
  private let ttftBounds: (low: Double, high: Double)
  private let throughputBounds: (low: Double, high: Double)

  /// Lays the curves through measured points, which may be in any order.
  ///
  /// Points that can't be used (a value that is NaN, infinite, zero or negative) are left out and
  /// several points of one ISL are averaged, each with a warning. One point gives a constant, two
  /// or three give straight lines.
  ///
  /// - Parameters:
  ///   - isl: input sequence lengths in tokens.
  ///   - ttftMilliseconds: time to first token of each.
  ///   - throughputPerGPU: prompt tokens per second and GPU of each.
  /// - Throws: ``ProfileError`` when the lengths differ or no point can be used.
  public init(
    isl: [Double], ttftMilliseconds: [Double], throughputPerGPU: [Double]
  ) throws(ProfileError) {
    let table = try PrefillTable(
      isl: isl, ttftMilliseconds: ttftMilliseconds, throughputPerGPU: throughputPerGPU)
    points = table.points
    unitFault = UnitCheck.fault(of: table.points)
    warnings = abridged(table.warnings)
    let lengths = points.map(\.isl)
    let ttfts = points.map(\.ttftMilliseconds)
    let throughputs = points.map(\.throughputPerGPU)
    do {
      ttft = try CubicSpline(knots: lengths, values: ttfts)
      throughput = try CubicSpline(knots: lengths, values: throughputs)
      gpuSeconds = try CubicSpline(knots: lengths, values: points.map(\.gpuSecondsPerPrompt))
    } catch {
      // The table has sorted and merged the points, so this names a mistake of ours.
      throw .malformed("\(error)")
    }
    ttftBounds = Self.bounds(ttfts)
    throughputBounds = Self.bounds(throughputs)
  }

  /// The profiled input sequence lengths, in tokens.
  public var islRange: ClosedRange<Double> { points[0].isl...points[points.count - 1].isl }

  /// Time to first token of a prompt of `isl` tokens on an idle engine, in milliseconds.
  ///
  /// An ISL outside ``islRange`` counts as the nearest one inside; NaN gives NaN.
  public func ttftMilliseconds(isl: Double) -> Double {
    clamped(ttft(profiled(isl)), ttftBounds.low, ttftBounds.high)
  }

  /// Prompt tokens per second and GPU that an engine kept busy with such prompts handles.
  ///
  /// An ISL outside ``islRange`` counts as the nearest one inside; NaN gives NaN.
  public func throughputPerGPU(isl: Double) -> Double {
    let length = profiled(isl)
    let value = clamped(throughput(length), throughputBounds.low, throughputBounds.high)
    guard points.count > 1, !length.isNaN else { return value }
    let piece = throughput.piece(at: length)
    let shorter = points[piece].gpuSecondsPerPrompt
    let longer = points[piece + 1].gpuSecondsPerPrompt
    guard shorter <= longer else { return value }
    return clamped(value, length / longer, length / shorter)
  }

  /// GPU seconds that one prompt of `isl` tokens costs, interpolated as time: a cubic spline held
  /// between its two neighbours.
  ///
  /// Nearly a straight line in the length, time interpolates well where throughput does not: on the
  /// H100 profile a prompt of 500 tokens, between rows of 100 and 2135 tokens, costs 0.37 GPU
  /// seconds this way and 0.51 by the throughput between them (which is concave). An ISL below
  /// ``islRange`` costs as much as the shortest; beyond it the cost grows in proportion. NaN gives
  /// NaN.
  public func gpuSecondsPerPrompt(isl: Double) -> Double {
    let length = profiled(isl)
    guard !length.isNaN else { return .nan }
    guard points.count > 1 else { return points[0].gpuSecondsPerPrompt * max(1, isl / length) }
    let piece = gpuSeconds.piece(at: length)
    let (one, other) = (points[piece].gpuSecondsPerPrompt, points[piece + 1].gpuSecondsPerPrompt)
    return clamped(gpuSeconds(length), min(one, other), max(one, other)) * max(1, isl / length)
  }

  /// How a query leaves what was measured; nil inside.
  public func extrapolation(isl: Double) -> ProfileExtrapolation? {
    islRange.contains(isl) ? nil : .isl(isl, profiled: islRange)
  }

  private func profiled(_ isl: Double) -> Double {
    clamped(isl, points[0].isl, points[points.count - 1].isl)
  }

  private static func bounds(_ values: [Double]) -> (low: Double, high: Double) {
    values.dropFirst().reduce((values[0], values[0])) { (min($0.0, $1), max($0.1, $1)) }
  }
}
