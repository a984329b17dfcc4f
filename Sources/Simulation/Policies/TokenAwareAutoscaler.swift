import Planning

/// llm-d's token-aware autoscaling rule for separate prefill and decode workers: a KEDA
/// `ScaledObject` for each, whose metric grows with the work that is outstanding.
///
/// Every 15 s, for each component, the horizontal pod autoscaler that KEDA makes of it asks for
/// `⌈value / threshold⌉` unless `value / (threshold × replicas)` is within 10 % of 1:
/// - *prefill*: value = prompt tokens dispatched and not yet prefilled ÷ the tokens a second that
///   a replica prefills (``Calibration``); threshold = seconds of queue that the TTFT target leaves
///   beside the prompt's own prefill.
/// - *decode*: value = sum of the workers' KV cache in use, each 0…1; threshold = 0.8.
///
/// How fast it may change is ``Growth``. The published limit of ten replicas is left out; workers
/// that are starting count as replicas, as they do in the controller.
///
/// Source: llm-d/llm-d, guides/workload-autoscaling/keda-epp-token-aware (README and
/// pd-disaggregation/base/*.yaml, commits 560d420, 04c0115, 56cb121) and keda-epp (overlays/k8s);
/// Kubernetes, `GetExternalPerPodMetricReplicas` and the behaviour rules of the autoscaler.
public struct TokenAwareAutoscaler: PodAutoscaler {
  /// How fast the counts may change.
  public enum Growth: String, Sendable, CaseIterable {
    /// At most one replica more in 180 s and one less in 300 s, never below what was wanted in the
    /// past 300 s: published for prefill and decode workers.
    case one
    /// At most twice as many in 15 s, and never beyond what was wanted all through the past 300 s;
    /// never below what was wanted at any time in it: published for the queue and saturation rules.
    case double
  }

  /// The one constant of the rule that is measured: how fast a replica prefills.
  public struct Calibration: Sendable, Equatable {
    /// Prompt tokens a second of one replica: 8192 over the TTFT of such a prompt.
    public var promptTokensPerSecond: Double
    /// Seconds of queue that a replica may have.
    public var queueSeconds: Double

    /// Calibrates the rule as its guide says, threshold = TTFT target − ISL / tokens a second, on
    /// a run's engines and its mean ISL; a tenth of the target where nothing is left for a queue.
    public init(for run: SimulationRun) {
      let chunk: Int32 = 8192
      promptTokensPerSecond = Double(chunk) / run.speed.firstTokenSeconds(isl: chunk)
      let target = run.settings.targets.ttftMilliseconds / 1000
      let alone = (run.trace.meanISL ?? 0) / promptTokensPerSecond
      queueSeconds = max(target - alone, target / 10)
    }

    /// A calibration that is known already; both numbers are above 0.
    public init(promptTokensPerSecond: Double, queueSeconds: Double) {
      self.promptTokensPerSecond = promptTokensPerSecond
      self.queueSeconds = queueSeconds
    }
  }

  /// What it is called.
  public let name: String
  /// Which components it scales.
  public let mode: DeploymentMode
  private let calibration: Calibration
  private let kvThreshold: Double
  private let growth: Growth
  private var histories: [Component: History] = [:]

  /// What was wanted and changed, oldest first.
  private struct History {
    var wanted: RecommendationWindow
    var changes: [(time: Double, by: Int)] = []
  }

  static let tolerance = 0.1
  static let stabilizationSeconds = 300.0

  /// Creates the rule.
  ///
  /// - Parameter kvThreshold: full KV caches for each decode worker, above 0.
  /// - Throws: ``SimulationError`` for aggregated workers, which this rule is not published for.
  public init(
    name: String, mode: DeploymentMode, calibration: Calibration, kvThreshold: Double = 0.8,
    growth: Growth = .one
  ) throws(SimulationError) {
    guard mode != .agg else {
      throw .badSetting(
        "The policy 'keda' is the rule for prefill and decode workers; leave it out with --mode agg."
      )
    }
    self.name = name
    self.mode = mode
    self.calibration = calibration
    self.kvThreshold = kvThreshold
    self.growth = growth
  }

  /// What the work that is outstanding asks for.
  public mutating func wanted(
    _ component: Component, asked: Int, usage: ComponentUsage, at time: Double
  ) -> Int {
    let share =
      component == .prefill
      ? usage.promptTokens / calibration.promptTokensPerSecond / calibration.queueSeconds
      : usage.fullCaches / kvThreshold
    return limited(Self.wanted(share, asked: asked), component, asked: asked, at: time)
  }

  /// `share` is value ÷ threshold.
  private static func wanted(_ share: Double, asked: Int) -> Int {
    if (share / Double(max(1, asked)) - 1).magnitude <= tolerance { return asked }
    return replicas(holding: share)
  }

  /// Holds what is wanted to the behaviour that the rule sets.
  private mutating func limited(
    _ wanted: Int, _ component: Component, asked: Int, at time: Double
  ) -> Int {
    // The controller's window begins with the count that it finds.
    var history =
      histories[component] ?? History(wanted: RecommendationWindow(asked, at: time))
    history.changes.removeAll { $0.time <= time - Self.stabilizationSeconds }
    history.wanted.add(wanted, at: time, keeping: Self.stabilizationSeconds)
    func changed(within seconds: Double, _ belongs: (Int) -> Bool) -> Int {
      history.changes.reduce(0) {
        $1.time > time - seconds && belongs($1.by) ? $0 + $1.by : $0
      }
    }
    let target: Int
    switch growth {
    case .one where wanted > asked:
      // One more than there were 180 s ago, however many steps it took since.
      target = min(wanted, max(asked, asked - changed(within: 180) { $0 > 0 } + 1))
    case .one:
      target = max(
        min(asked, history.wanted.highest), asked - changed(within: 300) { $0 < 0 } - 1, 1)
    case .double where history.wanted.lowest > asked:
      target = min(history.wanted.lowest, 2 * asked)
    case .double: target = max(1, min(asked, history.wanted.highest))
    }
    if target != asked { history.changes.append((time, target - asked)) }
    histories[component] = history
    return target
  }
}
