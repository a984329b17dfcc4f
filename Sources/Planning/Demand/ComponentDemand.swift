import Forecasting
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// One component's demand: what each expert says, by how much it has to be raised so that the asked
/// share is covered, and how good that was.
///
/// - **Margin.** Added to an expert's logarithm. A step in which more came than its plan raises it
///   by γ · share, one that was covered lowers it by γ · (1 − share) (quantile tracking, the online
///   gradient of the pinball loss): in the long run the asked share is covered whatever the traffic
///   does, and a single outlier moves it by γ at most. γ is 0.0015, at first 0.3 / (steps + 60).
///   No margin is more than 0.02 above the largest error of the last two hours.
///   What a *plan* is: the most of those plans whose workers were ready and which stabilisation
///   still held, for that is what served the step.
/// - **Weights.** exp(−0.3 · loss), the loss being the pinball loss of the experts' plans in tokens,
///   faded over 480 steps, in units of the median expert's loss of one step: what misses cost
///   against what capacity costs.
/// - **Limit.** A margin never raises a plan above the record of a day + 5 % and growth over
///   the lead as the last two leads saw it, whichever is more.
///
/// Sources: I. Gibbs, E. Candès, "Adaptive conformal inference under distribution shift", NeurIPS
/// 2021; A. Angelopoulos, E. Candès, R. Tibshirani, "Conformal PID control for time series
/// prediction", NeurIPS 2023, §2.1 (quantile tracking); N. Cesa-Bianchi, G. Lugosi, *Prediction,
/// Learning, and Games*, §2.2 (weights).
struct ComponentDemand: Codable, Sendable, Equatable {
  /// What is planned for a step, in the terms of the model.
  struct Horizon: Sendable {
    var stepSeconds: Int
    /// Steps until a worker ordered now is ready, at least 1.
    var leadSteps: Int
    /// Seconds for which stabilisation holds a plan after that.
    var holdSeconds: Int
    /// Share to cover.
    var share: Double

    var leadSeconds: Int { leadSteps * stepSeconds }
  }

  /// What was planned after a step, as logarithms of tokens a second.
  private struct Plan: Codable, Sendable, Equatable {
    var end: Int
    /// By expert, in the order of ``DemandExpert/allCases``; not finite values can't be saved, so an
    /// expert that had nothing to say is far below everything.
    var raised: PackedFloats
    /// The same before their margins.
    var forecasts: PackedFloats
    var planned: Float
  }

  private static let experts = DemandExpert.allCases
  private static let silent = Float(-100)
  private static let learningRate = 0.0015
  private static let earlyRate = 0.3
  private static let earlySteps = 60.0
  private static let margins = -0.3...1.5
  /// Steps of a block whose largest error is remembered, and how many blocks are: two hours of 15 s.
  private static let blockSteps = 60
  private static let blocks = 8
  private static let aboveErrors = 0.02
  private static let lossSteps = 480.0
  private static let sharpness = 0.3
  /// Log growth above the record that is always planned for: 5 %.
  private static let aboveRecord = 0.05
  private static let leastGrowth = 0.1
  private static let acceleration = 1.2
  /// A step with many more requests than usual counts at most for two.
  private static let largestWeight = 2.0
  private static let usualWeight = 0.02
  private static let mostPlans = 600

  private var levels = WorkLevels()
  private var outliers = OutlierFilter()
  private var margin: [DemandExpert: Double] = [:]
  private var losses: [DemandExpert: Double] = [:]
  private var lossCount = 0.0
  private var settled = 0
  /// Largest errors of the experts in the last blocks of steps, the newest last.
  private var errors: [DemandExpert: PackedFloats] = [:]
  private var usualWork: Double?
  private var usualRequests: Double?
  private var plans: [Plan] = []
  private var outcomes = Outcomes()
  private var newest: DemandOutlook?

  /// The plan after the newest step; nil before the first.
  var outlook: DemandOutlook? { newest }

  /// Compares a step with its plan, learns it, and plans anew.
  ///
  /// - Parameters:
  ///   - elapsed: seconds since the end of the step before; its length for the first.
  ///   - predicted: tokens a second that the chosen predictor forecasts.
  mutating func observe(
    _ work: Double, requests: Double, end: Int, elapsed: Double, predicted: Double?,
    horizon: Horizon
  ) {
    settle(work, requests: requests, end: end, horizon: horizon)
    usualWork = (usualWork ?? work) + Self.usualWeight * (work - (usualWork ?? work))
    let mean = usualRequests ?? requests
    usualRequests = mean + Self.usualWeight * (requests - mean)
    let verdict = outliers.judge(work, intervalEnd: end)
    let usable = verdict.counts ? work : min(work, outliers.withheld?.bound ?? work)
    levels.observe(usable, end: end, elapsed: elapsed)
    plan(end: end, predicted: predicted, horizon: horizon)
  }

  // MARK: What became of the plans

  private mutating func settle(
    _ work: Double, requests: Double, end: Int, horizon: Horizon
  ) {
    let latest = end - horizon.leadSeconds
    let earliest = latest - horizon.holdSeconds
    plans.removeAll { $0.end < earliest }
    let standing = plans.filter { $0.end <= latest }
    guard !standing.isEmpty else { return }
    settled += 1
    let weight = min(requests / max(usualRequests ?? requests, 1e-9), Self.largestWeight)
    let rate = max(Self.learningRate, Self.earlyRate / (Double(settled) + Self.earlySteps))
    let usual = usualWork ?? work
    let fade = exp(-1 / Self.lossSteps)
    lossCount = fade * lossCount + 1
    for (index, expert) in Self.experts.enumerated() {
      let most = standing.reduce(Self.silent) { max($0, $1.raised.values[index]) }
      guard most > Self.silent else { continue }
      let unraised = standing.reduce(Self.silent) { max($0, $1.forecasts.values[index]) }
      note(Float(log(max(1, work))) - unraised, of: expert)
      let missing = work - exp(Double(most))
      let isMissed = missing > 0
      let step = rate * weight * (isMissed ? horizon.share : horizon.share - 1)
      let moved = min((margin[expert] ?? 0) + step, mostNeeded(expert, share: horizon.share))
      margin[expert] = min(max(moved, Self.margins.lowerBound), Self.margins.upperBound)
      // A step that dwarfs the usual must not decide for hours which expert is right.
      let loss = isMissed ? horizon.share * min(missing, usual) : (horizon.share - 1) * missing
      losses[expert] = fade * (losses[expert] ?? meanLoss) + loss
    }
    let planned = exp(Double(standing.map(\.planned).max() ?? Self.silent))
    outcomes.append(work <= planned)
  }

  private mutating func note(_ error: Float, of expert: DemandExpert) {
    var largest = errors[expert] ?? PackedFloats()
    if settled % Self.blockSteps == 1 || largest.values.isEmpty {
      largest.append(error, limit: Self.blocks)
    } else {
      let newest = largest.values.count - 1
      largest.values[newest] = max(largest.values[newest], error)
    }
    errors[expert] = largest
  }

  /// The most that a margin was needed for lately, once the largest error of so many steps is above
  /// the asked quantile: of 66 errors it is above 98.5 %.
  private func mostNeeded(_ expert: DemandExpert, share: Double) -> Double {
    guard Double(settled) > 1 / (1 - share), let most = errors[expert]?.values.max() else {
      return .infinity
    }
    return Double(most) + Self.aboveErrors
  }

  /// Loss of an expert that has none yet.
  private var meanLoss: Double {
    losses.isEmpty
      ? 0
      // In the order of the experts: a sum in another order differs in its last digit.
      : Self.experts.reduce(0) { $0 + (losses[$1] ?? 0) } / Double(losses.count)
  }

  // MARK: The next plan

  private mutating func plan(end: Int, predicted: Double?, horizon: Horizon) {
    let forecasts = Self.experts.map { expert in
      expert.forecast(
        levels, lead: horizon.leadSteps, stepSeconds: horizon.stepSeconds,
        predicted: predicted.map { log(max(1, $0)) })
    }
    let limit = max(
      levels.record + Self.aboveRecord,
      levels.latest + Self.leastGrowth + Self.acceleration * recentGrowth(horizon))
    var raised = forecasts.map { _ in Self.silent }
    var (forecast, wanted, planned) = (0.0, 0.0, 0.0)
    for (index, weight) in weights(forecasts).enumerated() {
      guard let value = forecasts[index] else { continue }
      let expert = Self.experts[index]
      let learned = margin[expert] ?? Self.firstMargin(horizon.share)
      margin[expert] = learned
      let limited = min(value + learned, max(limit, value + Self.aboveRecord))
      raised[index] = Float(limited)
      forecast += weight * value
      wanted += weight * (value + learned)
      planned += weight * limited
    }
    let present = levels.minute
    let limitedBy: DemandOutlook.Limit =
      planned < present ? .present : planned < wanted - 0.005 ? .record : .margin
    planned = max(planned, present)
    plans.append(
      Plan(
        end: end, raised: PackedFloats(raised),
        forecasts: PackedFloats(forecasts.map { $0.map { Float($0) } ?? Self.silent }),
        planned: Float(planned)))
    plans.removeFirst(max(0, plans.count - Self.mostPlans))
    newest = DemandOutlook(
      forecast: exp(forecast), planned: exp(planned), share: horizon.share,
      covered: outcomes.share, leads: outcomes.count, leadSeconds: horizon.leadSeconds,
      limit: limitedBy)
  }

  /// Growth over the lead in the last two leads.
  private func recentGrowth(_ horizon: Horizon) -> Double {
    max(0, levels.growth(over: horizon.leadSteps, window: 2 * horizon.leadSteps) ?? 0)
  }

  /// Weights of the experts that have a forecast, of sum 1.
  private func weights(_ forecasts: [Double?]) -> [Double] {
    let present = forecasts.indices.filter { forecasts[$0] != nil }
    let known = present.map { losses[Self.experts[$0]] ?? meanLoss }
    guard lossCount > 1, let least = known.min() else {
      return forecasts.map { $0 == nil ? 0 : 1 / Double(max(1, present.count)) }
    }
    let scale = max(known.sorted()[known.count / 2] / lossCount, 1e-9)
    var weights = forecasts.map { _ in 0.0 }
    for (index, loss) in zip(present, known) {
      weights[index] = exp(-Self.sharpness * (loss - least) / scale)
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// The margin before anything was learned: log-normal errors with a deviation of 0.12.
  private static func firstMargin(_ share: Double) -> Double {
    0.12 * NormalDistribution.quantile(share)
  }
}

/// Whether each of the last 180 plans covered what came, as bits.
private struct Outcomes: Codable, Sendable, Equatable {
  private static let most = 180
  private var words: [UInt64] = [0, 0, 0]
  private(set) var count = 0

  /// Share that was covered; nil before any.
  var share: Double? {
    count == 0 ? nil : Double(words.reduce(0) { $0 + $1.nonzeroBitCount }) / Double(count)
  }

  mutating func append(_ isCovered: Bool) {
    var carry: UInt64 = isCovered ? 1 : 0
    for index in words.indices {
      let next = words[index] >> 63
      words[index] = words[index] << 1 | carry
      carry = next
    }
    words[2] &= (1 << UInt64(Self.most - 128)) - 1
    count = min(count + 1, Self.most)
  }
}
