/// How many replicas of one component the forecast needs, with every operand of the arithmetic.
public struct ReplicaSizing: Codable, Sendable, Equatable {
  /// Replicas, at least the minimum.
  public var replicas: Int
  /// Tokens a second that the forecast brings (prompt tokens for prefill, generated ones for
  /// decode), after the slowdown.
  public var demandTokensPerSecond: Double
  /// Profiled tokens a second of one GPU at the forecast's lengths; not above 0 when the profile
  /// is of no use there.
  public var throughputPerGPU: Double
  /// GPUs of one replica.
  public var gpusPerReplica: Int
  /// Demand over one replica's throughput, before rounding up; nil when there is no throughput.
  public var exactReplicas: Double?
  /// The length it was looked up at: ISL for prefill, the context length ISL + OSL/2 for decode.
  public var tokens: Double
  /// How many times as slow as profiled engines were taken to be.
  public var slowdown: Double
  /// The latency expected at `replicas`: TTFT with queueing for prefill, ITL for decode.
  public var expectedLatencyMilliseconds: Double?
  /// Concurrency per replica that the decode throughput was profiled at.
  public var concurrency: Double?
  /// What is expected at this number and at one less; nil under a rule that expects nothing.
  public var expectation: SizingExpectation?
  /// What a person should know of this number.
  public var warnings: [String]

  /// Creates a sizing.
  public init(
    replicas: Int, demandTokensPerSecond: Double, throughputPerGPU: Double, gpusPerReplica: Int,
    exactReplicas: Double?, tokens: Double, slowdown: Double,
    expectedLatencyMilliseconds: Double? = nil, concurrency: Double? = nil,
    warnings: [String] = []
  ) {
    self.replicas = replicas
    self.demandTokensPerSecond = demandTokensPerSecond
    self.throughputPerGPU = throughputPerGPU
    self.gpusPerReplica = gpusPerReplica
    self.exactReplicas = exactReplicas
    self.tokens = tokens
    self.slowdown = slowdown
    self.expectedLatencyMilliseconds = expectedLatencyMilliseconds
    self.concurrency = concurrency
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey {
    case replicas, demandTokensPerSecond, throughputPerGPU, gpusPerReplica, exactReplicas, tokens
    case slowdown = "correction"
    case expectedLatencyMilliseconds, concurrency
    case expectation = "sla"
    case warnings
  }

  /// Warns when a length in tokens was looked up outside what was profiled.
  mutating func warnIfOutside(_ profiled: ClosedRange<Double>, _ value: Double, _ name: String) {
    guard value > 0, !profiled.contains(value) else { return }
    func tokens(_ value: Double) -> String { Phrase.number(value, digits: 0) }
    warnings.append(
      "\(name) of \(tokens(value)) lies outside the profiled \(tokens(profiled.lowerBound))…\(tokens(profiled.upperBound)) tokens"
    )
  }

  /// More replicas than any cluster has: what absurd input is cut to.
  static let largestCount = 1_000_000

  /// `demand / throughput / gpus` rounded up, at least `minimum`; nil when that is no number. An
  /// infinite demand takes as many as there can be.
  static func replicas(
    demand: Double, throughputPerGPU: Double, gpusPerReplica: Int, minimum: Int
  ) -> (count: Int, exact: Double)? {
    guard throughputPerGPU > 0 else { return nil }
    let exact = demand / throughputPerGPU / Double(gpusPerReplica)
    guard exact >= 0 else { return nil }
    return (
      max(minimum, Int(min(exact.rounded(.up), Double(largestCount)))),
      min(exact, .greatestFiniteMagnitude)
    )
  }
}
