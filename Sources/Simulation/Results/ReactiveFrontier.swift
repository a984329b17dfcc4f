import Invocation
import Planning
import Presentation

/// What a rule without a forecast (``ReactiveReplicas``) reaches at what cost, its margin chosen
/// with hindsight: the yardstick for every other policy.
///
/// ```swift
/// let ratio = frontier.ratio(of: result)   // 0.97: 3 % fewer GPU-hours than the rule needs
/// ```
public struct ReactiveFrontier: Sendable, Equatable {
  /// The rule with one margin.
  public struct Point: Codable, Sendable, Equatable {
    /// Spare capacity as a share of the need.
    public var margin: Double
    /// Share of the requests within both targets.
    public var attainment: Double
    /// GPU-hours up to the last request.
    public var gpuHours: Double

    /// Creates a point.
    public init(margin: Double, attainment: Double, gpuHours: Double) {
      self.margin = margin
      self.attainment = attainment
      self.gpuHours = gpuHours
    }

    enum CodingKeys: String, CodingKey {
      case margin
      case attainment = "sla_attainment"
      case gpuHours = "gpu_hours_of_trace"
    }
  }

  /// A policy's GPU-hours over the frontier's at the same attainment.
  public struct Ratio: Codable, Sendable, Equatable {
    /// How the frontier's GPU-hours are known.
    public enum Basis: String, Codable, Sendable {
      /// Interpolated between two margins.
      case within
      /// No margin misses as often: ``Ratio/value`` is over the cheapest, so at most the truth.
      case below
      /// No margin attains as much: ``Ratio/value`` is over the best, so at least the truth.
      case above
    }

    /// The ratio, above 0.
    public var value: Double
    /// How it is known.
    public var basis: Basis
  }

  /// The margins, in the order of the points.
  public let points: [Point]
  /// The points that no other dominates, by attainment.
  private let front: [Point]

  /// Every margin from 0 to 1 that the yardstick is made of: in steps of 0.05 where the good ones
  /// usually are, of 0.1 beyond.
  public static let standardMargins =
    (0..<12).map { Double($0) / 20 } + (6...10).map { Double($0) / 10 }

  /// Draws the frontier through points; nil without one.
  public init?(_ points: [Point]) {
    guard !points.isEmpty else { return nil }
    self.points = points
    let byCost = points.sorted { ($0.gpuHours, -$0.attainment) < ($1.gpuHours, -$1.attainment) }
    front = byCost.reduce(into: []) { front, point in
      if point.attainment > front.last?.attainment ?? -1 { front.append(point) }
    }
  }

  /// The rule's GPU-hours at an attainment, linear between the two nearest margins that nothing
  /// dominates.
  public func gpuHours(at attainment: Double) -> (value: Double, basis: Ratio.Basis) {
    guard let first = front.first, let last = front.last else { return (.nan, .above) }
    if attainment < first.attainment { return (first.gpuHours, .below) }
    if attainment > last.attainment { return (last.gpuHours, .above) }
    for (lower, upper) in zip(front, front.dropFirst()) where attainment <= upper.attainment {
      let share = (attainment - lower.attainment) / (upper.attainment - lower.attainment)
      return (lower.gpuHours + share * (upper.gpuHours - lower.gpuHours), .within)
    }
    return (last.gpuHours, .within)
  }

  /// A policy's GPU-hours over the rule's at the attainment that the policy reached; nil without a
  /// request or without a cost.
  public func ratio(of result: SimulationResult) -> Ratio? {
    guard let attainment = result.total.attainment else { return nil }
    let (hours, basis) = gpuHours(at: attainment)
    return hours > 0 ? Ratio(value: result.traceGPUHours / hours, basis: basis) : nil
  }

  /// The points as a table for people.
  public var table: String {
    let rows = points.map {
      [
        Numbers.fixed($0.margin, 2), Numbers.fixed($0.attainment * 100, 2),
        Numbers.fixed($0.gpuHours, 1),
      ]
    }
    return TextTable.lines([["reactive: margin", "SLA %", "GPU-hours"]] + rows)
      .joined(separator: "\n")
  }
}
