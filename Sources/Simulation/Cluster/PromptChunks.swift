/// The prompts of one aggregated worker, worked off in chunks between its decode steps.
///
/// While a prompt is in work, every step is longer by the time of one chunk; in that step the batch
/// gains its token and the prompt a chunk. Alone on the engine, a prompt runs at full speed.
struct PromptChunks: Sendable {
  /// A prompt in line or in work.
  struct Prompt: Sendable {
    var request: Int32
    var isl: Int32
    var osl: Int32

    /// Tokens that the sequence holds in the KV cache in the end.
    var reservation: Double { Double(isl) + Double(osl) }
  }

  private var waiting = FIFO<Prompt>()
  /// The prompt in work.
  private(set) var current: Prompt?
  /// Seconds of work it still needs on an otherwise idle engine.
  private(set) var remainingSeconds = 0.0
  /// Seconds of one chunk of it.
  private(set) var chunkSeconds = 0.0
  /// Tokens of prompts whose first token has not come.
  private(set) var activeTokens = 0

  var isEmpty: Bool { current == nil && waiting.isEmpty }

  mutating func enqueue(_ prompt: Prompt) {
    waiting.append(prompt)
    activeTokens += Int(prompt.isl)
  }

  /// Begins the next prompt in line, if none is in work and `fits` says that there is room for it.
  mutating func beginNext(
    speed: EngineSpeed, chunkTokens: Int, fits: (Prompt) -> Bool
  ) -> Prompt? {
    guard current == nil, let next = waiting.first, fits(next) else { return nil }
    current = waiting.popFirst()
    remainingSeconds = speed.prefillSeconds(isl: next.isl)
    let share = min(1, Double(chunkTokens) / max(1, Double(next.isl)))
    chunkSeconds = remainingSeconds * share
    return current
  }

  /// Works for `elapsed` seconds, beside a batch whose own steps take `stepSeconds` (0 for none).
  mutating func work(for elapsed: Double, besideStepsOf stepSeconds: Double) {
    guard current != nil else { return }
    remainingSeconds -= elapsed * share(besideStepsOf: stepSeconds)
  }

  /// Takes the prompt in work if it is done.
  mutating func popDone() -> Prompt? {
    // A microsecond: far above the rounding of any time that is simulated.
    guard let done = current, remainingSeconds <= 1e-6 else { return nil }
    activeTokens -= Int(done.isl)
    current = nil
    return done
  }

  /// Seconds until the prompt in work is done if nothing changes; infinity without one.
  func timeLeft(besideStepsOf stepSeconds: Double) -> Double {
    current == nil ? .infinity : max(0, remainingSeconds) / share(besideStepsOf: stepSeconds)
  }

  private func share(besideStepsOf stepSeconds: Double) -> Double {
    stepSeconds > 0 ? chunkSeconds / (chunkSeconds + stepSeconds) : 1
  }
}
