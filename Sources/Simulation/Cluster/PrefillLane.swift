/// The prompts of one prefill worker: first come, first served, one at a time.
///
/// A prompt occupies the engine for its share of the profiled throughput; its first token comes a
/// profiled TTFT after it was begun (the two are the same where a profile's throughput is ISL over
/// TTFT) and never before that of the prompt ahead of it. Both are known as soon as a prompt is
/// queued, so the lane needs one event per prompt.
struct PrefillLane: Sendable {
  /// A queued prompt.
  struct Prompt: Sendable {
    var request: Int32
    var isl: Int32
    /// When its first token comes.
    var firstTokenAt: Double
  }

  private var prompts = FIFO<Prompt>()
  private var lastFirstToken = 0.0
  /// When the engine has nothing left to do.
  private(set) var freeAt = 0.0
  /// Tokens of prompts whose first token has not come.
  private(set) var activeTokens = 0
  private var orderedSeconds = 0.0

  /// When the next first token comes; infinity when none is due.
  var nextFirstToken: Double { prompts.first?.firstTokenAt ?? .infinity }
  var isEmpty: Bool { prompts.isEmpty }
  var count: Int { prompts.count }

  mutating func add(
    request: Int32, isl: Int32, cached: Int32 = 0, at now: Double, speed: EngineSpeed
  ) {
    let occupied = speed.prefillSeconds(isl: isl, cached: cached)
    let start = max(now, freeAt)
    freeAt = start + occupied
    orderedSeconds += occupied
    lastFirstToken = max(lastFirstToken, start + speed.firstTokenSeconds(isl: isl, cached: cached))
    activeTokens += Int(isl)
    prompts.append(Prompt(request: request, isl: isl, firstTokenAt: lastFirstToken))
  }

  /// Takes the prompt whose first token is due at `now`.
  mutating func popDue(at now: Double) -> Prompt? {
    guard let first = prompts.first, first.firstTokenAt <= now else { return nil }
    activeTokens -= Int(first.isl)
    return prompts.popFirst()
  }

  /// Seconds that the engine has been busy until `now`.
  func busySeconds(until now: Double) -> Double { orderedSeconds - max(0, freeAt - now) }
}
