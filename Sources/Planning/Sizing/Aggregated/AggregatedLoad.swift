import EngineProfiles
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Requests on some workers that prefill and decode: each step gives every sequence a token, and some
/// take in a chunk of a prompt besides, which makes them longer.
///
/// With λ prompts a second on a worker, each adding S to the steps it is in, prompts take the share
/// ρ = λ · S of the time. A sequence gets its tokens at the mean pace of all steps,
/// `ITL = step(n) / (1 − ρ)`, and n follows from λ, OSL and ITL, a fixed point. Around these means:
/// - **n** varies with a variance of v · n, v = D · (step / its part that does not grow with n) /
///   (1 − ρ)^1.5 on a single worker; behind a router that evens tokens out, v/c + (1 − 1/c)√v/2;
/// - **ITL** of a request with m tokens: the prompts between them take a gamma-distributed time of
///   mean m · step · ρ/(1 − ρ) and variance λ · m · step · E[S²] / (1 − ρ)³, because what a stall
///   lets in stalls again (the total progeny of a branching process);
/// - **TTFT**: the rest of the step that is under way, the wait of an M/G/1 queue of the worker's
///   prompts times 1 + 2ρ (prompts that share a step get their first tokens together), the steps
///   that the prompt is in, and what it adds to them. A router that counts tokens sends prompts
///   evenly where they are most of what it counts, and in clumps to the worker whose sequences have
///   just ended where they are not: waits behind c workers are (1/c + (1 − 1/c) · 2.2 (OSL/ISL)^0.55)
///   times as long.
///
/// The exponents and factors were chosen on 90 loads of a per-step simulation
/// (docs/design/engines.md).
struct AggregatedLoad: SizedWork {
  private(set) var rate: Double
  private(set) var quantile: Double
  let engine: AggregatedEngine
  let isl: Double
  let osl: Double
  let context: Double
  /// Most sequences of the mean length that a worker holds.
  let limit: Double
  /// Whether the KV cache, not the batch, sets it.
  let isKVBound: Bool
  let ttftTarget: Double
  let itlTarget: Double
  private let dispersion: Double
  private let prompts: [Prompt]
  private let outputs: [(tokens: Double, share: Double)]
  /// Mean and mean square of what a prompt adds, milliseconds.
  private let promptMean: Double
  private let promptSquare: Double

  private struct Prompt {
    var milliseconds: Double
    var chunks: Double
    var steps: Double
    var share: Double
  }

  init(
    _ demand: TrafficDemand, rate: Double, engine: AggregatedEngine, targets: LatencyTargets,
    quantile: Double
  ) {
    self.rate = rate
    self.quantile = quantile
    self.engine = engine
    isl = demand.isl
    osl = demand.osl
    context = demand.isl + demand.osl / 2 * (1 + demand.outputs.squaredVariation)
    let room = engine.surface.maximumKVTokens / max(1, demand.isl + demand.osl)
    limit = max(1, min(room, engine.maximumSequences))
    isKVBound = room < engine.maximumSequences
    ttftTarget = targets.ttftMilliseconds
    itlTarget = targets.itlMilliseconds
    dispersion = demand.dispersion
    prompts = zip(demand.uncached.lengths, demand.uncached.shares).map { length, share in
      Prompt(
        milliseconds: engine.promptMilliseconds(length), chunks: engine.chunks(length),
        steps: min(engine.chunks(length), length / engine.chunkTokens), share: share)
    }
    outputs = Self.thinned(demand.outputs)
    promptMean = prompts.reduce(0) { $0 + $1.share * $1.milliseconds }
    promptSquare = prompts.reduce(0) { $0 + $1.share * $1.milliseconds * $1.milliseconds }
  }

  /// At most ten lengths: their distribution matters less than the prompts', and each costs seven
  /// gamma tails.
  private static func thinned(_ mix: LengthMix) -> [(tokens: Double, share: Double)] {
    let all = Array(zip(mix.lengths, mix.shares))
    let stride = (all.count + 9) / 10
    return Swift.stride(from: 0, to: all.count, by: stride).map { start in
      let part = all[start..<min(start + stride, all.count)]
      let share = part.reduce(0) { $0 + $1.1 }
      let tokens = share > 0 ? part.reduce(0) { $0 + $1.0 * $1.1 } / share : part[start].0
      return (max(1, tokens - 1), share)
    }
  }

  func with(rate: Double, quantile: Double) -> AggregatedLoad {
    var work = self
    (work.rate, work.quantile) = (rate, quantile)
    return work
  }

  /// As if prompts and tokens were worked off one after the other at a full batch.
  var likelyReplicas: Double {
    rate * (promptMean + osl * engine.stepMilliseconds(limit, context: context) / limit) / 1000
  }

  func isEnough(_ replicas: Int) -> Bool {
    guard let point = point(replicas) else { return false }
    return point.attainment >= min(quantile, reachable)
  }

  /// Share of the requests that meet both targets alone on an engine.
  var reachable: Double {
    let step = engine.stepMilliseconds(1, context: context)
    let ttft = prompts.reduce(0) { $0 + ($1.milliseconds <= ttftTarget ? $1.share : 0) }
    return step <= itlTarget ? ttft * 0.999 : 0
  }

  // MARK: One number of replicas

  /// What is expected of one number of replicas.
  struct Point {
    /// Mean sequences of a worker.
    var sequences: Double
    /// Share of the time that prompts take.
    var promptShare: Double
    /// Share of the prompts that wait.
    var delayProbability: Double
    var ttftAttainment: Double
    var itlAttainment: Double
    /// Mean ITL that a request sees.
    var itl: Double
    /// Mean TTFT.
    var ttft: Double

    /// Both, taken as independent.
    var attainment: Double { ttftAttainment * itlAttainment }
  }

  /// What is expected of `replicas`; nil where they can't carry the load.
  func point(_ replicas: Int) -> Point? {
    guard let state = state(replicas) else { return nil }
    let fits =
      limit.isFinite
      ? NormalDistribution.share(
        below: (limit - state.sequences - 1) / max(1e-9, state.deviation)) : 1
    return Point(
      sequences: state.sequences, promptShare: state.promptShare,
      delayProbability: state.delayProbability,
      ttftAttainment: fits * ttftShare(within: ttftTarget, state),
      itlAttainment: itlShare(within: itlTarget, state),
      itl: state.step / (1 - state.promptShare), ttft: meanTTFT(state))
  }

  /// TTFT and ITL that a share of the requests does not exceed, milliseconds.
  func latencies(_ share: Double, _ replicas: Int) -> (ttft: Double, itl: Double)? {
    guard let state = state(replicas) else { return nil }
    func least(_ start: Double, _ met: (Double) -> Double) -> Double {
      var high = start
      while met(high) < share, high < 1e9 { high *= 2 }
      return bisect(0, high, halvings: 14) { met($0) < share }.high
    }
    return (
      least(ttftTarget) { ttftShare(within: $0, state) },
      least(itlTarget) { itlShare(within: $0, state) }
    )
  }

  /// The means that the tails are laid around.
  private struct State {
    /// Prompts of a worker in a millisecond.
    var rate: Double
    var promptShare: Double
    var sequences: Double
    var deviation: Double
    /// Milliseconds of a step as a sequence sees it.
    var step: Double
    /// Share of the time that there is a batch.
    var busy: Double
    var delayProbability: Double
    /// Mean wait of all prompts.
    var wait: Double
    var workers: Double
  }

  private static let fullestQueue = 0.98

  private func state(_ replicas: Int) -> State? {
    let workers = Double(replicas)
    let rate = rate / workers / 1000
    let share = rate * promptMean
    guard share < Self.fullestQueue else { return nil }
    let full = max(limit, engine.surface.maximumKVTokens / max(1, context))
    func step(_ n: Double) -> Double { engine.stepMilliseconds(n, context: context) }
    func isServed(_ n: Double) -> Bool {
      n / step(n + 1) * (1 - share) >= rate * max(0, osl - 1)
    }
    guard isServed(full) else { return nil }
    let sequences = bisect(0, full, halvings: 24) { !isServed($0) }.high
    let here = step(sequences)
    let growth = (step(sequences * 1.05 + 0.05) - here) / (sequences * 0.05 + 0.05)
    let fixed = max(here - sequences * growth, here / Self.largestSwing)
    let alone = min(Self.largestSwing, dispersion * here / fixed * pow(1 - share, -1.5))
    let spread = alone / workers + (1 - 1 / workers) * alone.squareRoot() / 2
    let seen = step(sequences + 1)
    let work = prompts.map { ($0.milliseconds + seen * $0.steps, $0.share) }
    let mean = work.reduce(0) { $0 + $1.0 * $1.1 }
    let square = work.reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    let utilisation = rate * mean
    guard utilisation < Self.fullestQueue, mean > 0 else { return nil }
    let variation = max(0, square / (mean * mean) - 1)
    let clumps =
      1 / workers
      + (1 - 1 / workers) * min(3, 2.2 * pow(osl / max(1, isl), 0.55))
    let wait =
      utilisation * mean / (1 - utilisation) * (dispersion + variation) / 2 * (1 + 2 * share)
      * clumps
    return State(
      rate: rate, promptShare: share, sequences: sequences,
      deviation: (spread * sequences).squareRoot(), step: seen, busy: 1 - exp(-sequences),
      delayProbability: min(1, utilisation * (1 + share)), wait: wait, workers: workers)
  }

  private static let largestSwing = 30.0

  private func meanTTFT(_ state: State) -> Double {
    let own = prompts.reduce(0) {
      $0 + $1.share * ($1.milliseconds + $1.chunks * state.step * state.busy)
    }
    return own + state.wait + state.step * state.busy * (1 - state.delayProbability) / 2
  }

  private func ttftShare(within target: Double, _ state: State) -> Double {
    let residual = state.step * state.busy * (1 - state.delayProbability)
    let rate = state.wait > 0 ? state.delayProbability / state.wait : .infinity
    var share = 0.0
    for prompt in prompts {
      let own = prompt.milliseconds + prompt.chunks * state.step * state.busy
      for part in [1 / 6.0, 0.5, 5 / 6.0] {
        let left = target - own - part * residual
        guard left >= 0 else { continue }
        share += prompt.share / 3 * (1 - state.delayProbability * exp(-left * rate))
      }
    }
    return share
  }

  /// Seven equally likely places of a normal distribution, in standard deviations.
  private static let places = (0..<7).map {
    NormalDistribution.quantile((Double($0) + 0.5) / 7)
  }

  private func itlShare(within target: Double, _ state: State) -> Double {
    let rest = 1 - state.promptShare
    // Behind a router the prompts of a worker come more evenly.
    let evenness = 1 / state.workers + (1 - 1 / state.workers) * 0.6
    var share = 0.0
    for place in Self.places {
      let step = engine.stepMilliseconds(
        state.sequences + 1 + place * state.deviation, context: context)
      guard target > step else { continue }
      let mean = step * state.promptShare / rest
      let variance =
        state.rate * step * promptSquare * dispersion / (rest * rest * rest) * evenness
      for output in outputs {
        share +=
          output.share / 7
          * Self.gammaShare(below: target - step, mean: mean, variance: variance / output.tokens)
      }
    }
    return min(1, share)
  }

  /// Share of a gamma distribution below a value, by the cube root that is nearly normal.
  ///
  /// Source: E. B. Wilson, M. M. Hilferty, "The distribution of chi-square", PNAS 17 (1931).
  static func gammaShare(below value: Double, mean: Double, variance: Double) -> Double {
    guard mean > 1e-12, variance > 0 else { return value >= mean ? 1 : 0 }
    let shape = mean * mean / variance
    let ninth = 1 / (9 * shape)
    return NormalDistribution.share(
      below: (cbrt(value / mean) - (1 - ninth)) / ninth.squareRoot())
  }
}
