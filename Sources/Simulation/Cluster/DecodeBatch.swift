/// The sequences of one decode worker: continuous batching.
///
/// Every sequence in the batch gains one token per step, and a step takes the profiled ITL at the
/// batch's size and mean context. So one clock serves all: `progress` counts the tokens that each
/// sequence has gained, a sequence that joins at progress p with r tokens to go is done at p + r,
/// and time runs at `stepSeconds` per token until the batch changes. The cost is logarithmic in the
/// batch per sequence, whatever the number of tokens.
///
/// A sequence joins when the KV cache can hold it to its end (the reservation of TensorRT-LLM's
/// `GUARANTEED_NO_EVICT`, so nothing is ever preempted) and the batch is not full; until then it
/// waits in line, which its own ITL shows.
struct DecodeBatch: Sendable {
  /// A sequence that has its first token.
  struct Sequence: Sendable {
    var request: Int32
    /// Prompt tokens.
    var isl: Int32
    /// Tokens still to come when it was handed over.
    var remaining: Int32
    /// When its first token came.
    var firstTokenAt: Double

    /// Tokens it holds in the KV cache in the end.
    var reservation: Double { Double(isl) + Double(remaining) + 1 }
  }

  /// What a batch did since it was last asked.
  struct Served: Sendable {
    /// Tokens generated.
    var tokens = 0.0
    /// Sum of the gaps before them, in seconds.
    var gapSeconds = 0.0
  }

  private var running = SequenceHeap()
  private var waiting = FIFO<Sequence>()
  private var progress = 0.0
  private var tunedAt = 0.0
  private var nextTuning = Double.infinity
  /// When time last passed in it.
  private(set) var updatedAt = 0.0
  /// Sum over the running sequences of context − progress.
  private var contextOffset = 0.0
  private var waitingTokens = 0
  private var reservedTokens = 0.0
  /// Seconds of the latest step; 0 before the first.
  private(set) var stepSeconds = 0.0
  /// Seconds that each step is longer because of a prompt that is worked on in between.
  var stallSeconds = 0.0

  /// Sequences in the batch.
  var runningCount: Int { running.count }
  /// Sequences in line.
  var waitingCount: Int { waiting.count }
  var isEmpty: Bool { running.isEmpty && waiting.isEmpty }
  /// Tokens of the sequences in the batch and in line.
  var contextTokens: Double { runningContext + Double(waitingTokens) }
  /// Tokens of the KV cache that are promised.
  var reserved: Double { reservedTokens }
  private var runningContext: Double { contextOffset + Double(running.count) * progress }

  /// Tokens of the running sequences at `now`, which is not before ``updatedAt``.
  func contextInService(at now: Double) -> Double {
    guard !running.isEmpty else { return 0 }
    let gained = (now - updatedAt) / (stepSeconds + stallSeconds)
    return runningContext + Double(running.count) * gained
  }

  /// When the batch changes by itself, or its speed has to be looked up again.
  var nextEvent: Double {
    guard let next = running.first else { return .infinity }
    let tokens = max(0, min(next.finish, nextTuning) - progress)
    return updatedAt + tokens * (stepSeconds + stallSeconds)
  }

  /// When the step ends that a sequence is in now; the present moment without sequences.
  var stepEnd: Double {
    // A millionth of a token: sequences join and leave at whole steps, up to rounding.
    let begun = progress - progress.rounded(.down)
    guard !running.isEmpty, begun > 1e-6, begun < 1 - 1e-6 else { return updatedAt }
    return updatedAt + (1 - begun) * (stepSeconds + stallSeconds)
  }

  mutating func enqueue(_ sequence: Sequence) {
    waiting.append(sequence)
    waitingTokens += Int(sequence.isl)
  }

  /// Lets time pass until `now`.
  mutating func advance(to now: Double) -> Served {
    defer { updatedAt = now }
    let elapsed = now - updatedAt
    guard elapsed > 0, !running.isEmpty else { return Served() }
    let gained = elapsed / (stepSeconds + stallSeconds)
    progress += gained
    let sequences = Double(running.count)
    return Served(tokens: sequences * gained, gapSeconds: sequences * elapsed)
  }

  /// Takes a sequence that has all its tokens.
  mutating func popFinished() -> SequenceHeap.Entry? {
    // A thousandth of a token: far above rounding, far below any latency that is told.
    guard let first = running.first, first.finish <= progress + 1e-3 else { return nil }
    running.removeFirst()
    reservedTokens -= Double(first.isl) + Double(first.tokens) + 1
    contextOffset -= Double(first.isl) + 1 - (first.finish - Double(first.tokens))
    if running.isEmpty {
      tunedAt -= progress
      progress = 0
      contextOffset = 0
    }
    return first
  }

  /// Lets the first sequence in line join, if there is room for it.
  mutating func admitNext(kvTokens: Double, maximumSequences: Int) -> Sequence? {
    guard let next = waiting.first, running.count < maximumSequences,
      reservedTokens + next.reservation <= kvTokens
    else { return nil }
    waitingTokens -= Int(next.isl)
    reserve(next.reservation)
    join(next)
    return waiting.popFirst()
  }

  /// Promises KV cache to a sequence that will join later.
  mutating func reserve(_ tokens: Double) { reservedTokens += tokens }

  /// Lets a sequence join for which the cache is reserved.
  mutating func join(_ sequence: Sequence) {
    running.insert(
      SequenceHeap.Entry(
        finish: progress + Double(sequence.remaining), firstTokenAt: sequence.firstTokenAt,
        request: sequence.request, isl: sequence.isl, tokens: sequence.remaining))
    contextOffset += Double(sequence.isl) + 1 - progress
  }

  /// Looks the speed up for the batch as it is now.
  ///
  /// Contexts grow until the next change; so the speed is that of the context half a stretch ahead,
  /// where the stretch is as long as the last one was. When nothing changes it is looked up again
  /// after a tenth of the mean context (and not before 32 tokens).
  mutating func tune(_ speed: EngineSpeed) {
    guard !running.isEmpty else { return }
    let context = runningContext / Double(running.count)
    let longest = max(32, context / 10)
    let stretch = min(max(0, progress - tunedAt), longest)
    stepSeconds = speed.stepSeconds(
      sequences: running.count, meanContext: context + stretch / 2)
    tunedAt = progress
    nextTuning = progress + longest
  }
}
