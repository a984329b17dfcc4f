/// The prompts of one aggregated worker, worked off in chunks between its decode steps.
///
/// A step takes in up to so many tokens of the prompts whose cache is reserved, first come first
/// served, several in one step if they fit; it is longer by what these tokens cost, and every
/// sequence of the batch gains its token at its end. A prompt that comes while a step runs waits for
/// the next one. Its first token comes at the end of the step with its last chunk.
struct PromptChunks: Sendable {
  /// A prompt in line or in work.
  struct Prompt: Sendable {
    var request: Int32
    var isl: Int32
    var osl: Int32
    /// Tokens at its beginning that the worker's cache holds already.
    var cached: Int32 = 0

    /// Tokens that the sequence holds in the KV cache in the end.
    var reservation: Double { Double(isl) + Double(osl) }
  }

  /// A step with chunks of prompts in it.
  struct Step: Sendable {
    /// When it ends.
    var end: Double
    /// Seconds that it is longer for its prompts.
    var seconds: Double
    /// Prompts whose last chunk is in it.
    var done: [Prompt]
  }

  private var waiting = FIFO<Prompt>()
  /// Prompts whose cache is reserved, with the tokens that are done or cached.
  private var inWork: [(prompt: Prompt, done: Int32)] = []
  /// The step that is under way; nil when none with prompts is.
  private(set) var step: Step?
  /// Tokens of prompts whose first token has not come.
  private(set) var activeTokens = 0

  var isEmpty: Bool { step == nil && inWork.isEmpty && waiting.isEmpty }
  /// Whether a step has work to take in.
  var hasWork: Bool { !inWork.isEmpty }
  /// Prompts that hold a place in the batch.
  var admitted: Int { inWork.count + (step?.done.count ?? 0) }

  mutating func enqueue(_ prompt: Prompt) {
    waiting.append(prompt)
    activeTokens += Int(prompt.isl)
  }

  /// Lets the first prompt in line in, if `fits` says that there is room for it.
  mutating func admitNext(_ fits: (Prompt) -> Bool) -> Prompt? {
    guard let next = waiting.first, fits(next) else { return nil }
    inWork.append((next, min(next.cached, max(0, next.isl - 1))))
    return waiting.popFirst()
  }

  /// Begins a step at `now` beside a batch whose own steps take `stepSeconds` (0 for none).
  mutating func begin(
    at now: Double, besideStepOf stepSeconds: Double, tokens: Int, _ speed: EngineSpeed
  ) {
    var left = Int32(clamping: max(1, tokens))
    var seconds = 0.0
    var done: [Prompt] = []
    while left > 0, let (prompt, begun) = inWork.first {
      let chunk = min(left, prompt.isl - begun)
      seconds += Self.seconds(from: begun, to: begun + chunk, prompt, speed)
      left -= chunk
      if begun + chunk >= prompt.isl {
        done.append(prompt)
        inWork.removeFirst()
      } else {
        inWork[0].done = begun + chunk
      }
    }
    step = Step(end: now + stepSeconds + seconds, seconds: seconds, done: done)
  }

  /// What tokens of a prompt cost: of its first chunk also what a prompt costs at all.
  private static func seconds(
    from begun: Int32, to end: Int32, _ prompt: Prompt, _ speed: EngineSpeed
  ) -> Double {
    let isFirst = begun <= min(prompt.cached, max(0, prompt.isl - 1))
    if isFirst, prompt.cached > 0 {
      return speed.prefillSeconds(isl: end, cached: begun)
    }
    return max(
      0, speed.prefillSeconds(isl: end) - (begun > 0 ? speed.prefillSeconds(isl: begun) : 0))
  }

  /// Takes the prompts whose first token is due at `now`, and ends their step.
  mutating func endStep(at now: Double) -> [Prompt] {
    // A nanosecond: far above the rounding of any time that is simulated.
    guard let ending = step, ending.end <= now + 1e-9 else { return [] }
    step = nil
    activeTokens -= ending.done.reduce(0) { $0 + Int($1.isl) }
    return ending.done
  }
}
