/// Where the deployment stands: what a decision starts from.
public struct DeploymentPosition: Sendable, Equatable {
  /// One component's counts.
  public struct Counts: Codable, Sendable, Equatable {
    /// Replicas there are (what a decision starts from); nil if unknown.
    public var current: Int?
    /// Replicas that the deployment asks for; nil when nobody has asked for any number.
    public var asked: Int?
    /// Replicas that are ready; nil if unknown.
    public var ready: Int?
    /// Replicas among those asked for that are not expected to become ready any more; nil for none.
    public var abandoned: Int?

    /// Creates counts; nothing is known unless it is said.
    public init(
      current: Int? = nil, asked: Int? = nil, ready: Int? = nil, abandoned: Int? = nil
    ) {
      self.current = current
      self.asked = asked
      self.ready = ready
      self.abandoned = abandoned
    }
  }

  /// The counts of every component that the mode scales.
  public var counts: [Component: Counts]
  /// Whether it may be changed now.
  public var readiness: Readiness

  /// Creates a position.
  public init(counts: [Component: Counts], readiness: Readiness = .ready) {
    self.counts = counts
    self.readiness = readiness
  }

  /// Where the deployment stands, from what the connector and the router say.
  ///
  /// With `countsWorkersByRouter` (the virtual environment with load-based scaling) the current
  /// count is what the router shows; a component of which it shows nothing yet (gauges appear with
  /// a worker's first request) keeps what was asked for. What is ready is then what the client
  /// acknowledged: a worker that the router has lost is a mismatch, not a smaller deployment.
  package init(
    _ status: DeploymentStatus, workers: WorkerReport?, mode: DeploymentMode,
    countsWorkersByRouter: Bool
  ) {
    var counts: [Component: Counts] = [:]
    for component in mode.components {
      let known = status.components[component]
      var count = Counts(
        current: known?.replicas ?? known?.ready, asked: known?.replicas, ready: known?.ready,
        abandoned: known?.failing)
      if countsWorkersByRouter, let newest = workers?.samples.last, workers?.failure == nil {
        let shown = newest.workers.count { $0.component == component }
        count.current = shown > 0 ? shown : known?.replicas
        count.ready = known?.ready ?? count.current
      }
      counts[component] = count
    }
    self.init(counts: counts, readiness: status.readiness)
  }

  /// The position when so many workers of each component have been given up.
  ///
  /// Where nobody else is on the way the deployment may be changed like any other: it would be held
  /// for ever.
  func givingUp(_ abandoned: [Component: Int]) -> DeploymentPosition {
    var position = self
    for (component, count) in counts {
      guard let asked = count.asked, let ready = count.ready else { continue }
      let given = min(max(abandoned[component] ?? 0, count.abandoned ?? 0), max(0, asked - ready))
      position.counts[component]?.abandoned = given > 0 ? given : nil
    }
    guard case .startingWorkers = readiness,
      position.counts.values.allSatisfy({ count in
        guard let asked = count.asked, let ready = count.ready else { return false }
        return asked - ready <= count.abandoned ?? 0
      })
    else { return position }
    position.readiness = .ready
    return position
  }
}

extension DeploymentPosition: Codable {
  private enum CodingKeys: String, CodingKey { case counts }

  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    counts = try container.decode([Component: Counts].self, forKey: .counts)
    readiness = try Readiness(from: decoder.container(keyedBy: Readiness.CodingKeys.self))
  }

  /// Writes the readiness beside the counts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(counts, forKey: .counts)
    var keys = encoder.container(keyedBy: Readiness.CodingKeys.self)
    try readiness.encode(to: &keys)
  }
}
