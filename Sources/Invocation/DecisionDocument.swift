import Forecasting
import Planning
import Presentation

/// A decision as `run --output json` prints it and as the state file keeps it. Its keys and codes
/// are a contract; see `docs/reference/output.md`.
public struct DecisionDocument: Codable, Sendable, Equatable {
  /// Version of this format.
  public var schema = 1
  /// Number of the decision in its state file; null when it was not saved.
  @ExplicitNull public var id: Int?
  /// When it was made, RFC 3339.
  public var time: String
  /// The deployment it is about.
  public var deployment: String
  /// What is scaled.
  public var mode: DeploymentMode
  /// What became of it.
  public var status: DecisionStatus
  /// The newest interval's traffic; null when nothing is known of it.
  @ExplicitNull public var observed: Observed?
  /// The next interval's traffic; null when there is nothing to forecast from.
  @ExplicitNull public var forecast: Forecast?
  /// The correction factors, by component.
  public var correction: Correction
  /// The components that the mode scales, by name.
  public var components: [Component: ComponentDocument]
  /// GPUs before, after, and the budget (null for none).
  public var gpus: GPUs
  /// Seconds that decisions have been held; null when this one is not.
  @ExplicitNull public var holdSeconds: Double?
  /// Why a change could not be made; null when it could.
  @ExplicitNull public var error: String?
  /// What a person should know.
  public var warnings: [String]
  /// What people and the calendar had said; absent for nothing.
  public var controls: [ControlDocument]?

  enum CodingKeys: String, CodingKey {
    case schema, id, time, deployment, mode, status, observed, forecast, correction, components
    case gpus, error, warnings, controls
    case holdSeconds = "hold_seconds"
  }

  /// Traffic of one interval.
  public struct Observed: Codable, Sendable, Equatable {
    /// End of the interval, RFC 3339.
    public var intervalEnd: String
    /// Requests.
    public var requestCount: Double
    /// Mean input sequence length, tokens.
    @ExplicitNull public var isl: Double?
    /// Mean output sequence length, tokens.
    @ExplicitNull public var osl: Double?
    /// Mean time to first token, milliseconds.
    @ExplicitNull public var ttftMilliseconds: Double?
    /// Mean inter-token latency, milliseconds.
    @ExplicitNull public var itlMilliseconds: Double?
    /// Mean request duration, seconds.
    @ExplicitNull public var requestDurationSeconds: Double?
    /// Requests that arrived; absent when they were not asked for.
    public var arrivals: Double?
    /// What `arrivals` rests on.
    public var arrivalsBasis: Arrivals.Basis?
    /// Requests in flight at the interval's end, queued ones among them; absent when unknown.
    public var inFlight: Double?
    /// Requests without a first token at the interval's end; absent when unknown.
    public var queued: Double?
    /// Share of the first tokens within the TTFT target; absent when unknown.
    public var ttftShare: Double?
    /// Share of the later tokens within the ITL target; absent when unknown.
    public var itlShare: Double?

    enum CodingKeys: String, CodingKey {
      case intervalEnd = "interval_end"
      case requestCount = "num_req"
      case isl, osl
      case ttftMilliseconds = "ttft_ms"
      case itlMilliseconds = "itl_ms"
      case requestDurationSeconds = "request_duration_s"
      case arrivals, queued
      case arrivalsBasis = "arrivals_basis"
      case inFlight = "in_flight"
      case ttftShare = "ttft_share"
      case itlShare = "itl_share"
    }
  }

  /// Forecast of the next interval.
  public struct Forecast: Codable, Sendable, Equatable {
    /// The predictor that made it.
    public var predictor: String
    /// Requests.
    public var requestCount: Double
    /// Mean input sequence length, tokens.
    public var isl: Double
    /// Mean output sequence length, tokens.
    public var osl: Double
    /// What the predictor chose for each series; absent for one that has no choice.
    public var model: ForecastModels?
    /// What `requestCount` was planned for; absent where it is the forecast of the next interval.
    public var plan: ForecastPlan?

    enum CodingKeys: String, CodingKey {
      case predictor
      case requestCount = "num_req"
      case isl, osl, model, plan
    }
  }

  /// Observed over profiled latency.
  public struct Correction: Codable, Sendable, Equatable {
    /// Of the TTFT.
    public var prefill: Double
    /// Of the ITL.
    public var decode: Double
  }

  /// GPUs held.
  public struct GPUs: Codable, Sendable, Equatable {
    /// By the current replicas.
    @ExplicitNull public var before: Int?
    /// By the final replicas.
    @ExplicitNull public var after: Int?
    /// At most.
    @ExplicitNull public var budget: Int?
  }

  /// One component.
  public struct ComponentDocument: Codable, Sendable, Equatable {
    /// Replicas there are.
    @ExplicitNull public var current: Int?
    /// Replicas that are ready.
    @ExplicitNull public var ready: Int?
    /// Replicas that the forecast needs.
    @ExplicitNull public var throughput: Int?
    /// Replicas that the load asks for.
    @ExplicitNull public var load: Int?
    /// The fewest that the throughput result allows.
    @ExplicitNull public var floor: Int?
    /// Replicas wanted before budget and damping.
    @ExplicitNull public var desired: Int?
    /// Replicas decided on.
    @ExplicitNull public var final: Int?
    /// What one replica was taken to do; null without a throughput result.
    @ExplicitNull public var capacity: Capacity?
    /// One reason code each.
    public var reasons: DecisionReasons
    /// One sentence.
    public var explanation: String
  }

  /// What the throughput result rests on.
  public struct Capacity: Codable, Sendable, Equatable {
    /// Tokens a second of one replica.
    public var tokensPerSecondPerReplica: Double
    /// Tokens a second that the forecast brings.
    public var demandTokensPerSecond: Double
    /// Latency expected at that many replicas, milliseconds.
    @ExplicitNull public var expectedLatencyMilliseconds: Double?
    /// What `--sizing sla` expects; absent under another rule.
    public var sla: SLAExpectation?

    enum CodingKeys: String, CodingKey {
      case sla
      case tokensPerSecondPerReplica = "tokens_per_second_per_replica"
      case demandTokensPerSecond = "demand_tokens_per_second"
      case expectedLatencyMilliseconds = "expected_latency_ms"
    }
  }
}

extension DecisionDocument {
  /// The document of `decision`.
  public init(
    _ decision: Decision, id: Int?, deployment: String, status: DecisionStatus? = nil,
    error: String? = nil
  ) {
    _id = ExplicitNull(wrappedValue: id)
    time = rfc3339(decision.time)
    self.deployment = deployment
    mode = decision.mode
    self.status = status ?? decision.status
    _observed = ExplicitNull(
      wrappedValue: decision.observed.map { Observed($0, decision.attainment) })
    _forecast = ExplicitNull(
      wrappedValue: decision.forecast.map {
        Forecast(
          predictor: $0.predictor.rawValue, requestCount: $0.requestCount, isl: $0.isl, osl: $0.osl,
          model: $0.models, plan: $0.plan)
      })
    correction = Correction(
      prefill: decision.slowdown.prefill, decode: decision.slowdown.decode)
    components = decision.components.mapValues(ComponentDocument.init)
    gpus = GPUs(
      before: decision.gpus.before, after: decision.gpus.after, budget: decision.gpus.budget)
    _holdSeconds = ExplicitNull(wrappedValue: decision.holdSeconds)
    _error = ExplicitNull(wrappedValue: error)
    warnings = decision.warnings
    controls = decision.controls.map { $0.map(ControlDocument.init) }
  }
}

extension DecisionDocument.Observed {
  init(_ observation: TrafficObservation, _ attainment: LatencyAttainment?) {
    self.init(
      intervalEnd: rfc3339(Double(observation.intervalEnd)), requestCount: observation.requestCount,
      isl: observation.isl, osl: observation.osl, ttftMilliseconds: observation.ttftMilliseconds,
      itlMilliseconds: observation.itlMilliseconds,
      requestDurationSeconds: observation.requestDurationSeconds,
      arrivals: observation.arrivals?.count, arrivalsBasis: observation.arrivals?.basis,
      inFlight: observation.inFlightRequests, queued: observation.queuedRequests,
      ttftShare: attainment?.ttftShare, itlShare: attainment?.itlShare)
  }
}

extension DecisionDocument.ComponentDocument {
  init(_ decision: ComponentDecision) {
    self.init(
      current: decision.current, ready: decision.ready, throughput: decision.throughput,
      load: decision.load, floor: decision.floor, desired: decision.desired,
      final: decision.final, capacity: decision.sizing.map(DecisionDocument.Capacity.init),
      reasons: decision.reasons, explanation: decision.explanation)
  }
}

extension DecisionDocument.Capacity {
  init(_ sizing: ReplicaSizing) {
    self.init(
      tokensPerSecondPerReplica: sizing.throughputPerGPU * Double(sizing.gpusPerReplica),
      demandTokensPerSecond: sizing.demandTokensPerSecond,
      expectedLatencyMilliseconds: sizing.expectedLatencyMilliseconds,
      sla: sizing.expectation.map(DecisionDocument.SLAExpectation.init))
  }
}
