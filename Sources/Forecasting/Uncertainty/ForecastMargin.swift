/// What has to be added to a forecast so that a share Q of the values stays below it, learned from
/// the series' own past errors alone (conformal prediction).
///
/// The margin is the order statistic ⌈(n + 1) · level⌉ of the last 200 errors, value minus
/// forecast. The level starts at Q and moves by 0.02 · (Q − covered) with every value, so in the
/// long run the share of values below forecast plus margin is Q whatever the series does, also
/// where its errors grow or shrink. While there are fewer errors than the order statistic asks for,
/// the largest one counts.
///
/// With a horizon above 1 the value is the largest of that many intervals; its error is known only
/// after them.
///
/// Source: V. Vovk, A. Gammerman, G. Shafer, *Algorithmic Learning in a Random World*, §2.2;
/// I. Gibbs, E. Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021,
/// equation 2.
public struct ForecastMargin: Codable, Sendable, Equatable {
  private static let window = 200
  private static let adaptation = 0.02

  /// A forecast whose intervals are not over.
  private struct Open: Codable, Sendable, Equatable {
    var forecast: Double
    var planned: Double
    var largest: Double
    var intervalsLeft: Int
  }

  /// Q, the share of the values to cover, above 0 and below 1.
  public let quantile: Double
  /// Intervals that a forecast is for, at least 1.
  public let horizon: Int
  private var level: Double
  private var errors: [Double] = []
  private var open: [Open] = []
  private var settled = 0
  private var covered = 0

  /// Creates a margin that knows no error.
  public init(quantile: Double, horizon: Int = 1) {
    self.quantile = quantile
    self.horizon = max(1, horizon)
    level = quantile
  }

  /// What to add; 0 before the first error. May be negative for a small Q.
  public var margin: Double {
    guard !errors.isEmpty else { return 0 }
    let rank = (Double(errors.count + 1) * level).rounded(.up)
    let index = min(max(Int(rank) - 1, 0), errors.count - 1)
    return errors.sorted()[index]
  }

  /// Share of the settled forecasts that were covered; nil before the first.
  public var coverage: Double? {
    settled > 0 ? Double(covered) / Double(settled) : nil
  }

  /// Takes the value of an interval, before anything is forecast from it.
  public mutating func settle(_ value: Double) {
    for index in open.indices {
      open[index].largest = max(open[index].largest, value)
      open[index].intervalsLeft -= 1
    }
    while let first = open.first, first.intervalsLeft <= 0 {
      open.removeFirst()
      settle(first)
    }
  }

  /// Takes a forecast of the intervals that begin now.
  public mutating func expect(_ forecast: Double) {
    open.append(
      Open(
        forecast: forecast, planned: forecast + margin, largest: -.greatestFiniteMagnitude,
        intervalsLeft: horizon))
  }

  private mutating func settle(_ past: Open) {
    let isCovered = past.largest <= past.planned
    settled += 1
    if isCovered { covered += 1 }
    level += Self.adaptation * (quantile - (isCovered ? 1 : 0))
    level = min(max(level, 0), 1)
    let error = past.largest - past.forecast
    guard error.isFinite else { return }
    errors.append(error)
    if errors.count > Self.window { errors.removeFirst() }
  }
}
