import EngineProfiles
import NumericalMethods

/// The sequences on some decode workers.
///
/// Sequences in service follow from their rate and the time that each stays, OSL times the ITL at
/// the number there is: a fixed point. Their number varies like the arrivals, the context of each
/// like the lengths, and the router does not share them out evenly. The planned share of the
/// requests sees no more than target and KV cache allow.
struct DecodeLoad: SizedWork {
  private(set) var rate: Double
  private(set) var quantile: Double
  let osl: Double
  let context: Double
  let surface: DecodeSurface
  let slowdown: Double
  /// The most sequences of a worker.
  let limit: Double
  /// Whether the KV cache, not the latency, sets it.
  let isKVBound: Bool
  /// Whether the engine's batch, neither latency nor cache, sets it.
  let isBatchBound: Bool
  /// Whether the limit keeps the ITL within its target.
  let meetsTarget: Bool
  /// Sequences of the mean length that a worker's KV cache holds.
  let room: Double
  /// Standard deviations that the planned share lies above the mean.
  private var deviations: Double
  private let imbalance: Double
  /// Variance of a worker's load over the number of sequences.
  private let variance: Double

  /// An ITL closer than this to that of an idle engine can't be aimed at.
  static let nearlyIdle = 1.05
  /// Sequences that a worker has to be allowed: however many workers there are, two requests that
  /// come at once may meet on one.
  static let fewestSequences = 2.0

  /// - Parameters:
  ///   - rate: sequences a second.
  ///   - slowdown: how many times as slow as profiled the engines are.
  ///   - imbalance: load of the busiest workers over the mean.
  init(
    _ demand: TrafficDemand, rate: Double, surface: DecodeSurface, slowdown: Double,
    targetMilliseconds: Double, quantile: Double, imbalance: Double,
    maximumSequences: Double = .infinity
  ) {
    self.rate = rate
    self.quantile = quantile
    osl = demand.osl
    // Long outputs stay longer, so more of what is seen at any time are long ones.
    context = demand.isl + demand.osl / 2 * (1 + demand.outputs.squaredVariation)
    self.surface = surface
    self.slowdown = slowdown
    self.imbalance = max(1, imbalance)
    deviations = NormalDistribution.quantile(quantile)
    let promptShare = context > 0 ? demand.isl / context : 0
    variance =
      demand.dispersion * (1 + promptShare * promptShare * demand.prompts.squaredVariation)

    let target = targetMilliseconds / slowdown
    let idle = surface.itlMilliseconds(concurrency: 1, contextLength: context)
    let point = surface.bestThroughput(
      itlMilliseconds: max(target, idle * Self.nearlyIdle), contextLength: context)
    meetsTarget =
      target >= idle * Self.nearlyIdle && point.meetsTarget
      && point.concurrency >= Self.fewestSequences
    room = surface.maximumKVTokens / max(1, demand.isl + demand.osl)
    isKVBound = room < point.concurrency
    limit = max(Self.fewestSequences, min(point.concurrency, room, maximumSequences))
    isBatchBound = maximumSequences < min(point.concurrency, room)
  }

  /// As if every worker were as full as it may be.
  var likelyReplicas: Double { demand * itl(limit) / limit / 1000 }

  func with(rate: Double, quantile: Double) -> DecodeLoad {
    var work = self
    (work.rate, work.quantile) = (rate, quantile)
    work.deviations = NormalDistribution.quantile(quantile)
    return work
  }

  /// Mean sequences of a worker that leaves room for the planned share of what may come; 0 where
  /// even a first sequence would often meet too many.
  func meanAllowed(_ replicas: Int) -> Double {
    guard peak(mean: 0, replicas: replicas) < limit else { return 0 }
    return bisect(0, limit, halvings: 14) { peak(mean: $0, replicas: replicas) <= limit }.low
  }

  /// Load that the planned share of the requests stays below, its own sequence included.
  func peak(mean: Double, replicas: Int) -> Double {
    let spread = spread(mean: mean, replicas: replicas)
    return imbalance * (mean + 1 + spread + deviations * (spread * mean).squareRoot())
  }

  /// Variance of a worker's load over its mean.
  ///
  /// The more sequences there are, the longer each stays, so their number swings wider than that of
  /// an M/G/∞ queue: by ITL over that part of it which does not grow with the load, as for a
  /// process that is drawn back to its mean more weakly (linear noise approximation). The router
  /// evens the swings out over the workers.
  private func spread(mean: Double, replicas: Int) -> Double {
    let here = itl(mean)
    let growth = (itl(mean * 1.05 + 0.05) - here) / (mean * 0.05 + 0.05)
    let fixed = max(here - mean * growth, here / Self.largestSwing)
    return variance * min(Self.largestSwing, here / fixed) / Double(replicas)
  }

  private static let largestSwing = 5.0

  func itl(_ concurrency: Double) -> Double {
    surface.itlMilliseconds(concurrency: max(1, concurrency), contextLength: context) * slowdown
  }

  /// Tokens a second that come.
  var demand: Double { rate * osl }

  /// Tokens a second of one of so many replicas with a mean load: each sequence's tokens take as
  /// long as the load that it sees, which is higher than the mean.
  private func throughput(mean: Double, replicas: Int) -> Double {
    mean / itl(mean + 1 + spread(mean: mean, replicas: replicas)) * 1000
  }

  /// Tokens a second of one of so many replicas at the load it may have.
  func throughput(_ replicas: Int) -> Double {
    throughput(mean: meanAllowed(replicas), replicas: replicas)
  }

  /// Whether these replicas are enough.
  func isEnough(_ replicas: Int) -> Bool {
    throughput(replicas) * Double(replicas) >= demand
  }

  /// Mean sequences of each of so many replicas: the fixed point; nil when even a full worker is
  /// too slow.
  func concurrency(_ replicas: Int) -> Double? {
    let each = demand / Double(replicas)
    func isServed(_ sequences: Double) -> Bool {
      throughput(mean: sequences, replicas: replicas) >= each
    }
    let full = max(limit, surface.maximumKVTokens / max(1, context))
    guard isServed(full) else { return nil }
    return bisect(0, full, halvings: 26) { !isServed($0) }.high
  }

  /// ITL that a request sees on average.
  func seenITL(mean: Double, replicas: Int) -> Double {
    itl(mean + 1 + spread(mean: mean, replicas: replicas))
  }

  /// Share of the requests that see no more than the limit.
  func attainment(mean: Double, replicas: Int) -> Double {
    let spread = spread(mean: mean, replicas: replicas)
    let deviation = (spread * mean).squareRoot()
    let room = limit / imbalance - mean - 1 - spread
    guard deviation > 0 else { return room >= 0 ? 1 : 0 }
    return NormalDistribution.share(below: room / deviation)
  }
}
