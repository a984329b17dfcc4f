import EngineProfiles
import Presentation

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What a decision rests on where there is no profile: the engine as it was learned.
public struct LearnedEngine: Codable, Sendable, Equatable {
  /// What was believed before.
  public var prior: String
  /// The most likely parameters.
  public var parameters: EngineParameters
  /// Tokens that a replica's KV cache holds.
  public var maximumKVTokens: Double
  /// Stretches of traffic that were learned.
  public var observations: Int
  /// Standard deviation of the logarithm of TTFT (prefill) and ITL (decode) at the newest load, as far
  /// as the parameters are uncertain.
  public var deviation: [Component: Double]
  /// The largest load that a replica was seen with, tokens a second.
  public var largestLoad: [Component: Double]

  /// Nothing grows on a model that is less certain than this, unless latencies or queues say that it
  /// has to: a factor of 1.4 either way.
  public static let widestDeviation = 0.35
  /// Nothing shrinks to more load per replica than this times the largest that was seen.
  public static let largestExtrapolation = 1.3

  /// What is known of an engine.
  public init(_ learning: EngineLearning, mode: DeploymentMode) {
    let isAggregated = mode == .agg
    prior = learning.prior.name
    parameters = learning.parameters
    maximumKVTokens = learning.prior.maximumKVTokens
    observations = learning.count
    largestLoad = learning.largestLoad
    deviation = [:]
    let newest =
      learning.observations.last
      ?? EngineObservation(
        end: 0, promptsPerSecond: 1, promptTokens: 1000, squaredPromptTokens: 2e6, sequences: 8,
        contextTokens: 1100, ttft: 1, itl: 1, requests: 10)
    for component in mode.workComponents {
      deviation[component] = learning.deviation(
        of: component, at: newest, isAggregated: isAggregated)
    }
  }

  /// How many times as slow as most likely engines are counted for: one standard deviation.
  public var caution: EngineSlowdown {
    func factor(_ component: Component) -> Double { exp(min(deviation[component] ?? 0, 1)) }
    return EngineSlowdown(prefill: factor(.prefill), decode: factor(.decode))
  }

  /// The profile that it amounts to.
  ///
  /// - Parameter policy: GPUs of the replicas.
  func profile(_ policy: PlanningPolicy) -> EngineProfile? {
    let prefiller: Component = policy.mode == .agg ? .decode : .prefill
    let kvTokens = policy.engineLimits?.kvTokens.flatMap { $0 > 0 ? $0 : nil } ?? maximumKVTokens
    return try? EngineProfile(
      parameters, maximumKVTokens: kvTokens, longestPrompt: kvTokens,
      prefillGPUs: policy.gpus(of: prefiller), decodeGPUs: policy.gpus(of: .decode))
  }

  /// Said with every decision that rests on it.
  var sentence: String {
    let widest = deviation.values.max() ?? 0
    let error = Numbers.percent(exp(widest) - 1)
    return observations == 0
      ? "There is no profile: engines count as '\(prior)' until traffic shows what they do."
      : "There is no profile: engines are as learned from \(observations) stretches of traffic, beginning with '\(prior)'; latencies are known within \(error)."
  }
}
