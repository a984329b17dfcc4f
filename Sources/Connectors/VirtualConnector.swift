import Invocation
import Planning

/// Scales an environment that is not Kubernetes: it leaves its decisions in a store that the
/// environment's own client reads, carries out and acknowledges (docs/reference/etcd.md).
///
/// - A decision that is not acknowledged keeps new ones away for up to the maximum wait, unless they
///   only ask for more: clients carry out one decision after another. After that it may be
///   overwritten, and the status says so.
/// - The counts that are read are those of the last decision. They are *ready* only when that
///   decision is acknowledged: nobody knows what is running while the client is at work. Before
///   the first decision both are nil.
/// - Only the counts of the mode's components are ever written: in mode `prefill` the stored
///   number of decode workers stays as it is, and is absent when nobody wrote it.
/// - Numbers of decisions count 0, 1, 2, …. They go on above an acknowledgement that outlived its
///   decision, because a new decision below it would look acknowledged at once.
public actor VirtualConnector: Connector {
  private let store: any VirtualScalingStore
  private let components: [Component]
  private let maximumWaitSeconds: Double
  private let datesUndatedDecisions: Bool
  private var lastRead: VirtualScalingValues?

  /// Creates a connector.
  ///
  /// - Parameters:
  ///   - store: where the values live.
  ///   - mode: tells which components are scaled.
  ///   - maximumWaitSeconds: how long a decision that is not acknowledged keeps new ones away.
  ///   - datesUndatedDecisions: whether to note the time when a decision without a date is first
  ///     seen (another planner wrote it). Without such a note its age stays unknown and it is
  ///     waited for without end. Turn it off in a dry run, which must not write anything.
  public init(
    store: any VirtualScalingStore, mode: DeploymentMode, maximumWaitSeconds: Double = 1800,
    datesUndatedDecisions: Bool = true
  ) {
    self.store = store
    self.components = mode.components
    self.maximumWaitSeconds = maximumWaitSeconds
    self.datesUndatedDecisions = datesUndatedDecisions
  }

  /// Reads the last decision and whether it is in place.
  public func observe(at time: Double) async throws -> DeploymentStatus {
    var values = try await store.read()
    if let id = values.decisionID, !values.isAcknowledged, values.decidedAt == nil,
      datesUndatedDecisions
    {
      // Another writer in between changes the number; the next invocation dates that one.
      let note = VirtualScalingValues(decisionID: id, decidedAt: time)
      if try await store.write(note, ifDecisionIs: id) { values.decidedAt = time }
    }
    lastRead = values

    let waiting = PendingDecision(values, at: time)
    let blocks = waiting.map { !$0.isOlder(than: maximumWaitSeconds) } ?? false
    var status = DeploymentStatus(components: [:])
    for component in components {
      let count = values[component]
      status.components[component] = ComponentStatus(
        replicas: count, ready: waiting == nil ? count : nil, isStable: waiting == nil)
    }
    if let waiting, blocks {
      status.readiness = .growthOnly(
        waiting.sentence(components, maximumWait: maximumWaitSeconds))
    } else if let waiting {
      status.warnings = [waiting.overdueSentence(maximumWait: maximumWaitSeconds)]
    }
    return status
  }

  /// Writes the counts as a new decision, if they differ from the stored ones.
  ///
  /// `applied` names the components whose count changed: both counts are written in one
  /// transaction, so either all of them are applied or an error is thrown.
  public func apply(_ order: ScalingOrder) async throws -> ScalingOutcome {
    let stored: VirtualScalingValues
    if let lastRead { stored = lastRead } else { stored = try await store.read() }
    let changed = components.filter { component in
      order.targets[component].map { $0 != stored[component] } ?? false
    }
    guard !changed.isEmpty else { return ScalingOutcome(applied: []) }
    try refuseUnlessDecidedOn(stored, order)

    var decision = VirtualScalingValues(
      decisionID: try nextID(after: stored),
      // A client that carries out nothing is not given new time by each decision that asks for more.
      decidedAt: PendingDecision(stored, at: order.time).flatMap { _ in stored.decidedAt }
        ?? order.time)
    for component in components {
      guard let target = order.targets[component] else { continue }
      guard target >= 0 else {
        throw ConnectorError.misconfigured(
          "\(target) \(component.rawValue) workers can't be asked for; the count must be at least 0."
        )
      }
      decision[component] = target
    }
    guard try await store.write(decision, ifDecisionIs: stored.decisionID) else {
      lastRead = nil
      throw ConnectorError.conflict(
        "Another planner wrote a revision after \(Self.name(stored.decisionID)) was read; nothing was written. The next invocation decides again. Run only one planner per Dynamo namespace."
      )
    }
    decision.scaledDecisionID = stored.scaledDecisionID
    for component in components where decision[component] == nil {
      decision[component] = stored[component]
    }
    lastRead = decision
    return ScalingOutcome(applied: changed)
  }

  /// Throws when the order rests on other counts than the stored ones, or comes too early.
  private func refuseUnlessDecidedOn(
    _ stored: VirtualScalingValues, _ order: ScalingOrder
  ) throws {
    for component in components {
      let count = stored[component]
      // What is already as wanted stands in nobody's way.
      guard count != order.decidedOn.components[component]?.replicas,
        count == nil || count != order.targets[component]
      else { continue }
      throw ConnectorError.conflict(
        "The stored number of \(component.rawValue) workers is no longer the one that the decision was made on; nothing was written. The next invocation decides again."
      )
    }
    let isGrowth = components.allSatisfy { component in
      order.targets[component].map { $0 >= stored[component] ?? 0 } ?? true
    }
    if let waiting = PendingDecision(stored, at: order.time), !isGrowth,
      !waiting.isOlder(than: maximumWaitSeconds)
    {
      throw ConnectorError.conflict(
        waiting.sentence(components, maximumWait: maximumWaitSeconds) + " Nothing was written.")
    }
  }

  private func nextID(after stored: VirtualScalingValues) throws -> Int {
    let last = max(stored.decisionID ?? -1, stored.scaledDecisionID ?? -1)
    let (next, overflow) = last.addingReportingOverflow(1)
    guard !overflow else {
      throw ConnectorError.misconfigured(
        "The number of the stored revision (\(last)) is the largest there is; delete decision_id and scaled_decision_id to start again at 0."
      )
    }
    return next
  }

  private static func name(_ id: Int?) -> String { id.map { "revision \($0)" } ?? "no revision" }
}

extension VirtualScalingValues {
  /// The stored count of a component; aggregated workers are `decode`.
  subscript(component: Component) -> Int? {
    get {
      switch component {
      case .prefill: prefillWorkers
      case .decode: decodeWorkers
      }
    }
    set {
      switch component {
      case .prefill: prefillWorkers = newValue
      case .decode: decodeWorkers = newValue
      }
    }
  }
}

/// A decision that its client has not acknowledged.
private struct PendingDecision {
  let id: Int
  let counts: VirtualScalingValues
  /// Seconds since it was written; nil when nobody noted when that was.
  let age: Double?

  /// nil when the last decision is acknowledged or there is none.
  init?(_ values: VirtualScalingValues, at time: Double) {
    guard let id = values.decisionID, !values.isAcknowledged else { return nil }
    self.id = id
    counts = values
    // A date in the future (another machine's clock) counts as now.
    age = values.decidedAt.map { max(0, time - $0) }
  }

  func isOlder(than seconds: Double) -> Bool { age.map { $0 >= seconds } ?? false }

  func sentence(_ components: [Component], maximumWait: Double) -> String {
    let wanted = components.compactMap { component in
      counts[component].map { "\(component.rawValue) \($0)" }
    }.joined(separator: ", ")
    let since =
      age.map { "was written \(wholeSeconds($0)) s ago" } ?? "was written at an unknown time"
    return
      "Revision \(id) (\(wanted.isEmpty ? "no counts" : wanted)) \(since) and is not acknowledged yet; its client has \(wholeSeconds(maximumWait)) s before anything but growth overwrites it."
  }

  func overdueSentence(maximumWait: Double) -> String {
    "Revision \(id) has not been acknowledged for \(age.map(wholeSeconds) ?? "an unknown number of") s, longer than the maximum wait of \(wholeSeconds(maximumWait)) s, and may be overwritten now. Check that the client that carries out decisions is running."
  }

  private func wholeSeconds(_ seconds: Double) -> String {
    seconds.isFinite && abs(seconds) < 1e15 ? String(Int(seconds)) : "very many"
  }
}
