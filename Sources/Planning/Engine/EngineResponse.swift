import EngineProfiles

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The mean latencies that an engine of some parameters has under an observed load.
struct EngineResponse: Sendable {
  /// Whether a worker prefills and decodes.
  let isAggregated: Bool

  /// Above this share of time waits grow without bound, and say nothing of the engine.
  private static let fullest = 0.85

  /// Mean ITL and TTFT, milliseconds.
  ///
  /// A sequence sees itself beside the mean load (n + 1). Apart, prompts wait as in an M/G/c queue:
  /// Sakasegawa's approximation, S · ρ^(√(2(c+1))) / (c (1 − ρ)) · (1 + cv²)/2 with the exponent less 1.
  /// Together, steps are stretched by prompts, `ITL = step / (1 − ρ)`, and a prompt waits for the rest of
  /// the step or prompt under way. Where the engine tells how many wait, their wait is Little's, and
  /// stands beside that.
  ///
  /// Source: H. Sakasegawa, "An approximation formula L_q ≈ α·ρ^β/(1−ρ)", Ann. Inst. Statist. Math.
  /// 29 (1977).
  func latencies(_ engine: EngineParameters, _ load: EngineObservation) -> (
    itl: Double, ttft: Double
  ) {
    let sequences = load.sequences + 1
    let step = engine.stepMilliseconds(
      sequences: sequences, kvTokens: sequences * load.contextTokens)
    let prompt =
      engine.prompt + engine.perPromptToken * load.promptTokens
      + engine.perSquaredPromptToken * load.squaredPromptTokens
    let share = min(Self.fullest, load.promptsPerSecond * prompt / 1000)
    let variation =
      load.squaredPromptTokens / max(1, load.promptTokens * load.promptTokens) - 1
    let queued =
      load.waiting.map { $0 / max(1e-6, load.promptsPerSecond) * 1000 } ?? 0
    guard isAggregated else {
      let workers = load.prefillReplicas
      let wait =
        prompt * pow(share, (2 * (workers + 1)).squareRoot() - 1) / (workers * (1 - share))
        * (1 + variation) / 2
      return (step, prompt + (load.waiting == nil ? wait : queued))
    }
    let busy = 1 - exp(-load.sequences)
    let itl = step / (1 - share)
    let rest = (share * prompt * (1 + variation) / 2 + busy * step / 2) / (1 - share)
    return (itl, queued + prompt + rest + busy * (step - engine.step))
  }
}
