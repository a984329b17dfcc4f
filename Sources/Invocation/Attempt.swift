import Planning

/// What became of sending an order.
struct Attempt {
  /// Why it is not wholly in place; nil when it is.
  var error: String?
  /// Whether nothing was changed because another writer came first.
  var isConflict = false
  /// What a person should know.
  var warnings: [String] = []
}

extension Connector {
  /// Sends an order. Not cancelled any more: a decision that is saved as pending is finished.
  func attempt(_ order: ScalingOrder) async -> Attempt {
    switch await Task(operation: { try await apply(order) }).result {
    case .success(let outcome):
      return Attempt(error: outcome.failure(of: order), warnings: outcome.warnings)
    case .failure(ConnectorError.conflict(let message)):
      return Attempt(error: message, isConflict: true)
    case .failure(let error):
      return Attempt(error: "\(error)")
    }
  }
}

extension ScalingOutcome {
  /// Which components could not be set, and which were set all the same.
  fileprivate func failure(of order: ScalingOrder) -> String? {
    guard !failed.isEmpty else { return nil }
    let failed = failed.sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" }
    let applied = applied.sorted().map { component in
      "\(component.rawValue) was set to \(order.targets[component] ?? 0) all the same."
    }
    return (failed + applied).joined(separator: " ")
  }
}

extension ScalingOrder {
  /// The order that carries a decision out.
  init(_ decision: Decision, id: Int?, on deployment: DeploymentStatus) {
    self.init(
      targets: decision.targets, phases: decision.phases, decidedOn: deployment,
      explanation: decision.components.sorted { $0.key < $1.key }.map(\.value.explanation)
        .joined(separator: " "), explanations: decision.components.mapValues(\.explanation),
      time: decision.time, decision: id)
  }
}

extension DecisionDocument {
  /// The document of a decision that is not saved yet.
  ///
  /// - Parameter unsent: the status of a change that is not sent; nil when changes are sent.
  init(_ decision: Decision, id: Int?, deployment: String, unsent: DecisionStatus?) {
    self.init(
      decision, id: id, deployment: deployment,
      status: decision.status == .pending ? unsent ?? .pending : decision.status)
  }

  /// Notes what became of sending it.
  mutating func note(_ attempt: Attempt) {
    status = attempt.error == nil ? .applied : .failed
    error = attempt.error
    warnings += attempt.warnings
  }
}

/// A decision that was carried out as far as it could be.
struct CarriedOut {
  /// The decision and what it rests on.
  var decided: DecidedMoment
  /// The decision as printed.
  var document: DecisionDocument
  /// Whether another writer came first, so that it is to be decided again.
  var isConflict: Bool

  init(_ decided: DecidedMoment, _ document: DecisionDocument, isConflict: Bool = false) {
    self.decided = decided
    self.document = document
    self.isConflict = isConflict
  }
}

extension ForecastMoment {
  /// The same moment, with what a decision has left.
  func after(_ decided: DecidedMoment) -> ForecastMoment {
    var moment = self
    moment.learned.state = decided.state
    return moment
  }
}
