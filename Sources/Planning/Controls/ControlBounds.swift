/// A component has as many replicas as people and the calendar allow (``ControlRange``).
///
/// What is asked for so goes before floor and damping. It doesn't go beyond the GPU budget, nor
/// below the minimum, and while the deployment is not ready it only adds workers where others are
/// starting already.
struct ControlBounds: ComponentLimit {
  func limit(_ proposal: Proposal, _ input: DecisionInput) -> Proposal {
    let range = ControlRange(proposal.component, base: proposal.base, input)
    guard let end = range.limiting(proposal.replicas) else { return proposal }
    if !input.deployment.readiness.isReady {
      return whileStarting(proposal, end, input.deployment.readiness)
    }
    // The second time around nothing new is said, and what the budget has cut stays cut.
    if proposal.isControlled,
      proposal.replicas == end.count || proposal.trail.last?.reason == .budget
    {
      return proposal
    }
    return proposal.limited(
      to: end.count, by: self, .init(end.control.kind), until: end.control.until)
  }

  private func whileStarting(
    _ proposal: Proposal, _ end: ControlRange.End, _ readiness: Readiness
  ) -> Proposal {
    guard let base = proposal.base, let replicas = proposal.replicas else { return proposal }
    if case .startingWorkers = readiness, end.count > max(base, replicas) {
      return proposal.limited(
        to: end.count, by: self, .init(end.control.kind), until: end.control.until)
    }
    // Growth that a pause, a pin or a limit forbids; nothing shrinks below what there is.
    guard replicas > base, end.count < replicas else { return proposal }
    return proposal.limited(
      to: max(base, end.count), by: self, .init(end.control.kind), until: end.control.until)
  }
}

extension Adjustment.Reason {
  /// The reason that a kind of control is.
  init(_ kind: Control.Kind) {
    self =
      switch kind {
      case .pause: .paused
      case .pin: .pinned
      case .limit: .bounded
      case .calendar: .calendar
      }
  }
}
