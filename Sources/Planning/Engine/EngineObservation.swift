/// What a stretch of time showed of one replica's engine: its load and the latencies under it.
public struct EngineObservation: Sendable, Equatable {
  /// End of the stretch, Unix seconds.
  public var end: Int
  /// Prompts a second on one replica.
  public var promptsPerSecond: Double
  /// Mean length of the prompts that the engine had to work on, tokens.
  public var promptTokens: Double
  /// Mean square of it.
  public var squaredPromptTokens: Double
  /// Mean sequences in decode on one replica.
  public var sequences: Double
  /// Mean tokens of a sequence in the KV cache.
  public var contextTokens: Double
  /// Prompts that wait for their turn on one replica; nil where nobody tells.
  public var waiting: Double?
  /// Mean TTFT, milliseconds; nil where unknown.
  public var ttft: Double?
  /// Mean ITL, milliseconds; nil where unknown.
  public var itl: Double?
  /// Requests that the latencies are the means of.
  public var requests: Double
  /// Replicas that prefill.
  public var prefillReplicas: Double

  /// Creates an observation.
  public init(
    end: Int, promptsPerSecond: Double, promptTokens: Double, squaredPromptTokens: Double,
    sequences: Double, contextTokens: Double, waiting: Double? = nil, ttft: Double?, itl: Double?,
    requests: Double, prefillReplicas: Double = 1
  ) {
    self.end = end
    self.promptsPerSecond = promptsPerSecond
    self.promptTokens = promptTokens
    self.squaredPromptTokens = squaredPromptTokens
    self.sequences = sequences
    self.contextTokens = contextTokens
    self.waiting = waiting
    self.ttft = ttft
    self.itl = itl
    self.requests = requests
    self.prefillReplicas = prefillReplicas
  }

  /// Whether anything can be learned of it.
  var isUsable: Bool {
    let load = [promptsPerSecond, promptTokens, squaredPromptTokens, sequences, contextTokens]
    let latencies = [ttft, itl].compactMap { $0 }
    return load.allSatisfy { $0.isFinite && $0 >= 0 } && promptTokens > 0
      && !latencies.isEmpty && latencies.allSatisfy { $0.isFinite && $0 > 0 }
      && requests >= Self.fewestRequests
  }

  /// Fewer say little of means.
  static let fewestRequests = 5.0
}

extension EngineObservation {
  /// What an interval or a step of the traffic showed of the engines; nil where lengths or ready
  /// replicas are unknown.
  ///
  /// Sequences in decode are the latencies' own sum over the time where a histogram tells it, else
  /// what the gauges showed, else what Little's law makes of completed tokens. What the frontend calls
  /// queued has no first token yet, so it contains the prompts that are worked on: it says nothing of
  /// waits that the TTFT does not say, and is left out.
  public init?(
    _ traffic: TrafficObservation, seconds: Double, ready: [Component: Int], mode: DeploymentMode,
    inFlightBefore: Double?
  ) {
    let prefillers = Double(ready[mode == .agg ? .decode : .prefill] ?? 0)
    let decoders = Double(ready[.decode] ?? 0)
    guard seconds > 0, let isl = traffic.isl, let osl = traffic.osl, isl > 0, osl > 0,
      prefillers > 0 || !mode.workComponents.contains(.prefill),
      decoders > 0 || !mode.workComponents.contains(.decode)
    else { return nil }
    let uncached = 1 - min(max(traffic.cacheHitRate ?? 0, 0), 0.99)
    let requests = traffic.arrivals?.count ?? traffic.requestCount
    let prompts = LengthMix(mean: isl, histogram: traffic.spread?.isl)
    let outputs = LengthMix(mean: osl, histogram: traffic.spread?.osl)
    let itl = mode.workComponents.contains(.decode) ? traffic.itlMilliseconds : nil
    let tokens = traffic.requestCount * max(0, osl - 1)
    var sequences = (itl ?? 0) / 1000 * tokens / seconds
    if let sum = traffic.spread?.itlMilliseconds?.sum {
      sequences = sum / 1000 / seconds
    } else if let inFlight = traffic.inFlightRequests, let queued = traffic.queuedRequests {
      let now = max(0, inFlight - queued)
      sequences = ((inFlightBefore ?? now) + now) / 2
    }
    self.init(
      end: traffic.intervalEnd, promptsPerSecond: requests / seconds / max(1, prefillers),
      promptTokens: isl * uncached,
      squaredPromptTokens: isl * isl * uncached * uncached * (1 + prompts.squaredVariation),
      sequences: sequences / max(1, decoders),
      contextTokens: isl + osl / 2 * (1 + outputs.squaredVariation),
      ttft: mode.workComponents.contains(.prefill) ? traffic.ttftMilliseconds : nil, itl: itl,
      requests: traffic.requestCount, prefillReplicas: max(1, prefillers))
    guard isUsable else { return nil }
  }

  /// As ten numbers; -1 stands for what is unknown.
  var packed: [Float] {
    [
      promptsPerSecond, promptTokens, squaredPromptTokens, sequences, contextTokens, waiting ?? -1,
      ttft ?? -1, itl ?? -1, requests, prefillReplicas,
    ].map { Float($0) }
  }

  static let packedCount = 10

  init(end: Int, packed: ArraySlice<Float>) {
    let values = packed.map(Double.init)
    func known(_ value: Double) -> Double? { value < 0 ? nil : value }
    self.init(
      end: end, promptsPerSecond: values[0], promptTokens: values[1],
      squaredPromptTokens: values[2], sequences: values[3], contextTokens: values[4],
      waiting: known(values[5]), ttft: known(values[6]), itl: known(values[7]),
      requests: values[8], prefillReplicas: values[9])
  }
}
