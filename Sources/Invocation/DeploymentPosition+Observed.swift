import Planning

extension DeploymentPosition {
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
        current: known?.replicas ?? known?.ready, asked: known?.replicas, ready: known?.ready)
      if countsWorkersByRouter, let newest = workers?.samples.last, workers?.failure == nil {
        let shown = newest.workers.count { $0.component == component }
        count.current = shown > 0 ? shown : known?.replicas
        count.ready = known?.ready ?? count.current
      }
      counts[component] = count
    }
    self.init(
      counts: counts, inProgress: status.inProgress, refusesOrders: status.refusesOrders,
      mayGrow: status.mayGrow)
  }

  /// Where the deployment stands, counted as `settings` say.
  package init(
    _ status: DeploymentStatus, workers: WorkerReport?, settings: InvocationSettings
  ) {
    self.init(
      status, workers: workers, mode: settings.policy.mode,
      countsWorkersByRouter: settings.countsWorkersByRouter)
  }
}
