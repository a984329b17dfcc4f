import Planning

/// Everything that one `run` was told, as one checked value. The options of the sections that have
/// no name of their own here are members too: `settings.mode`, `settings.etcd`, `settings.output`.
///
/// ```swift
/// let (settings, warnings) = try RunSettings.resolve(
///   flags: ["ttft": "300", "environment": "virtual"], environment: [:], file: nil)
/// ```
@dynamicMemberLookup
public struct RunSettings: Sendable, Equatable {
  var common: CommonSettings
  /// Throughput-based scaling; nil when it is off.
  public var throughput: ThroughputSettings?
  /// How throughput becomes replicas.
  public var sizing: SizingRule
  /// Load-based scaling; nil when it is off.
  public var load: LoadSettings?
  var changes: DampingSettings
  /// The state file.
  public var state: StateSettings
  var sources: SourceSettings
  var connectors: ConnectorSettings
  var result: OutputSettings
  /// The value of every option that has one, sorted by name, and where it came from.
  public var entries: [SettingEntry]

  init(_ options: inout OptionReader) throws(SettingsError) {
    common = try CommonSettings(&options)
    let throughput = try ThroughputSettings(&options)
    sizing = try SizingSettings(&options).rule
    let load = try LoadSettings(&options)
    let enabled = Self.enabled(common, throughput.isEnabled, load.isEnabled, &options)
    self.throughput = enabled.throughput ? throughput : nil
    self.load = enabled.load ? load : nil
    changes = try DampingSettings(&options)
    state = try StateSettings(&options)
    sources = try SourceSettings(&options)
    connectors = try ConnectorSettings(&options)
    result = try OutputSettings(&options)
    entries = SettingEntry.all(options)
  }

  /// Which modes are on. Aggregated workers that are nothing but workloads are scaled by their load
  /// where nobody chose: that needs no profile.
  private static func enabled(
    _ common: CommonSettings, _ throughput: Bool, _ load: Bool, _ options: inout OptionReader
  ) -> (throughput: Bool, load: Bool) {
    let (throughputName, loadName) = ("enable-throughput-scaling", "enable-loadbased-scaling")
    guard common.environment == .scale, common.mode == .agg,
      !options.isChosen(throughputName), !options.isChosen(loadName)
    else { return (throughput, load) }
    options.follow(throughputName, .boolean(false), text: "false")
    options.follow(loadName, .boolean(true), text: "true")
    return (false, true)
  }

  /// What is scaled, and to which targets.
  public subscript<Value>(dynamicMember path: WritableKeyPath<CommonSettings, Value>) -> Value {
    get { common[keyPath: path] }
    set { common[keyPath: path] = newValue }
  }

  /// What follows from that.
  public subscript<Value>(dynamicMember path: KeyPath<CommonSettings, Value>) -> Value {
    common[keyPath: path]
  }

  /// Where metrics come from.
  public subscript<Value>(dynamicMember path: WritableKeyPath<SourceSettings, Value>) -> Value {
    get { sources[keyPath: path] }
    set { sources[keyPath: path] = newValue }
  }

  /// Where decisions go.
  public subscript<Value>(dynamicMember path: WritableKeyPath<ConnectorSettings, Value>) -> Value {
    get { connectors[keyPath: path] }
    set { connectors[keyPath: path] = newValue }
  }

  /// The run itself and what it prints.
  public subscript<Value>(dynamicMember path: WritableKeyPath<OutputSettings, Value>) -> Value {
    get { result[keyPath: path] }
    set { result[keyPath: path] = newValue }
  }
}

/// What follows from several sections.
extension RunSettings {
  /// Whether the run may wait for time to pass between its samples: not when it decides as of
  /// another time or on a recording.
  public var waitsBetweenSamples: Bool { result.now == nil && result.replayDirectory == nil }

  /// Seconds from the beginning of one round of a repeated run to the next, above 0.
  public var roundSeconds: Double {
    result.givenRoundSeconds ?? load?.intervalSeconds
      ?? min(60, Double(throughput?.intervalSeconds ?? 60))
  }

  /// Whether replicas live in a cluster, whoever changes them.
  public var hasCluster: Bool { common.environment != .virtual }

  /// Whether nothing is written there: decisions are made for the record, or published.
  public var writesNothing: Bool { common.isDryRun || common.environment == .metric }

  /// Seconds for which the run may hold the lease, longer than its deadline.
  public var leaseSeconds: Double {
    state.givenLeaseSeconds ?? result.deadlineSeconds + Self.leaseMarginSeconds
  }

  /// Seconds by which the default lease outlasts the deadline.
  private static let leaseMarginSeconds = 30.0

  /// Name of the Lease that keeps other planners away; never nil in kubernetes.
  public var leaseName: String? {
    connectors.kubernetes.givenLeaseName ?? common.deploymentName.map { $0 + "-planner" }
  }

  /// How fast counts may change.
  public var damping: Damping {
    let traits = throughput == nil ? nil : sizing.traits
    let stabilization =
      changes.scaleDownStabilizationSeconds ?? traits.map(stabilizationSeconds) ?? 0
    return Damping(
      scaleDownStabilizationSeconds: stabilization,
      smallestScaleDownShare: load == nil && stabilization > 0
        ? traits?.smallestScaleDownShare : nil,
      maximumScaleUpStep: changes.maximumScaleUpStep,
      maximumScaleDownStep: changes.maximumScaleDownStep)
  }

  /// Windows of time in which counts or the budget are bounded.
  public var calendar: [CalendarEntry] { changes.calendar }

  /// What to do when a hold lasts too long; empty for the current counts.
  public var hold: HoldPolicy {
    let counts = changes.holdFallback
    let fallback: [Component: Int] =
      counts.count == 2 ? [.prefill: counts[0], .decode: counts[1]] : [:]
    return HoldPolicy(
      limitSeconds: changes.holdLimitSeconds,
      fallback: fallback.filter { common.mode.components.contains($0.key) })
  }
}

extension RunSettings {
  private var givenStartUpSeconds: Int { throughput?.predictor.startupDelaySeconds ?? 0 }

  /// Whether the stabilisation follows from the start-up time that is learned: nobody named either.
  public var stabilizesByStartUp: Bool {
    changes.scaleDownStabilizationSeconds == nil && throughput != nil
      && sizing.traits.stepSeconds != nil && givenStartUpSeconds == 0
  }

  /// Stabilisation where nobody named one: what goes now could be back after a start-up, and a
  /// minute more for what wavers; the rule's own where the start-up time is unknown.
  private func stabilizationSeconds(_ traits: SizingTraits) -> Double {
    traits.stepSeconds != nil && givenStartUpSeconds > 0
      ? Double(givenStartUpSeconds + 60) : traits.stabilizationSeconds
  }
}
