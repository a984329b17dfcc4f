/// One component's count on its way to a decision: what is needed, and every limit that has had its
/// say.
public struct Proposal: Sendable, Equatable {
  /// Which component.
  public let component: Component
  /// Where it stands.
  public let counts: DeploymentPosition.Counts
  /// What is needed of it.
  public let need: Need
  /// Replicas wanted, before budget and damping; nil when nothing can be wanted.
  public private(set) var wanted: Int?
  /// Replicas proposed; nil when nothing is known that could be kept.
  public private(set) var replicas: Int?
  /// What limited it, in order.
  public private(set) var trail: [Adjustment] = []

  /// Proposes `replicas`, which are what is wanted.
  init(_ component: Component, _ counts: DeploymentPosition.Counts, _ need: Need, _ replicas: Int?)
  {
    self.component = component
    self.counts = counts
    self.need = need
    wanted = replicas
    self.replicas = replicas
  }

  /// What the count is compared with: replicas asked for, else those there are.
  var base: Int? { counts.asked ?? counts.current }

  /// Whether the count differs from what is asked for.
  var isChange: Bool { replicas.map { $0 != base } ?? false }

  /// What holds it now; nil when nothing does.
  var hold: Adjustment? {
    guard let last = trail.last(where: { $0.reason.isHold || $0.reason.endsHold }) else {
      return nil
    }
    return last.reason.isHold ? last : nil
  }

  /// Whether it is held now.
  var isHeld: Bool { hold != nil }

  /// Whether any limit has said so.
  func isAdjusted(_ reason: Adjustment.Reason) -> Bool { trail.contains { $0.reason == reason } }

  /// Whether a person or the calendar has had a say.
  var isControlled: Bool { trail.contains { $0.reason.isControl } }

  /// Whether a person has said what the count is.
  var isFixed: Bool { isAdjusted(.paused) || isAdjusted(.pinned) }

  /// With another count wanted.
  func wanting(_ count: Int?, by limit: some Limit, _ reason: Adjustment.Reason) -> Proposal {
    var proposal = limited(to: count, by: limit, reason)
    proposal.wanted = count
    return proposal
  }

  /// With another count; what is wanted stays.
  func limited(
    to count: Int?, by limit: some Limit, _ reason: Adjustment.Reason, until: Double? = nil
  ) -> Proposal {
    var proposal = self
    proposal.trail.append(
      Adjustment(
        by: "\(type(of: limit))", from: replicas, to: count, reason: reason, until: until))
    proposal.replicas = count
    return proposal
  }

  /// Held at the count that is proposed.
  func held(by limit: some Limit, _ reason: Adjustment.Reason, until: Double? = nil) -> Proposal {
    limited(to: replicas, by: limit, reason, until: until)
  }

  /// Held at the count that the deployment has, with nothing wanted.
  func heldAsItIs(by limit: some Limit, _ reason: Adjustment.Reason) -> Proposal {
    var proposal = limited(to: base, by: limit, reason)
    proposal.wanted = nil
    return proposal
  }
}

/// What traffic and load need of a component, and what that rests on.
public struct Need: Sendable, Equatable {
  /// Replicas that the load asks for; nil without a load result.
  public var load: Int?
  /// The fewest replicas that the throughput result allows; nil when there has been none.
  public var floor: Int?
  /// The arithmetic of the throughput result; nil without one.
  public var sizing: ReplicaSizing?
  /// The arithmetic of the load result; nil without one.
  public var verdict: LoadVerdict?
  /// Why throughput-based scaling says what it says.
  public var throughputReason: ThroughputReason
  /// Why load-based scaling says what it says.
  public var loadReason: LoadReason

  /// Whether something that the decision rests on is not known.
  var lacksData: Bool {
    [.trafficUnknown, .lengthsUnknown].contains(throughputReason)
      || [.workersUnknown, .floorUnknown].contains(loadReason)
  }

  /// Whether the router shows other workers than the `counts` say are ready, so that the load can't
  /// take one away.
  func isHalfSeen(_ counts: DeploymentPosition.Counts) -> Bool {
    loadReason == .workerCountMismatch
      || loadReason == .noWorkers && (counts.ready ?? counts.current ?? 0) > 0
  }
}
