import Planning

extension RouterPage {
  /// The live workers of one model in one Dynamo namespace, and what was odd about them.
  ///
  /// A worker is live when the router still counts its load (`active_*`), or has it registered and
  /// shows no gauge at all of it: it has had no request yet. (A registered one with `last_*` alone was
  /// killed; one whose gauges went with it counts as idle for the 5…20 s that it stays registered.) Its ranks are merged:
  /// loads are summed; latencies and the input length are the mean over the ranks weighted by
  /// each rank's load of that kind (prefill tokens, decode blocks), so that the frozen gauges of
  /// an idle rank don't count, and the plain mean while no rank has load.
  ///
  /// - Parameters:
  ///   - modelName: ``ModelNames``, compared where the series carry a model; nil takes all.
  ///   - dynamoNamespace: compared with `-` equal to `_`, and with or without a worker suffix,
  ///     where the series carry a namespace; empty takes all.
  /// - Returns: the workers sorted by component and id. Left out, each with a warning: series
  ///   without `worker_id`, with an unknown `worker_type`, and gauges that are negative or not
  ///   finite (the worker then has nil there).
  public func workers(modelName: String?, dynamoNamespace: String) -> RouterWorkers {
    var filter = WorkerFilter(modelName: modelName, dynamoNamespace: dynamoNamespace)
    filter.registered(facts.registrations)
    var warnings = [malformedLines.summary].compactMap { $0 }
    let identified = identifiedLiveRanks(&warnings)
    let chosen = identified.filter { filter.keeps(series[$0.index]) }.sorted(by: precedes)
    var refused = NamedCases()
    let shown = merge(chosen, refused: &refused)
    let live = (shown + idleWorkers(filter)).sorted {
      ($0.component, $0.workerID) < ($1.component, $1.workerID)
    }
    if refused.count > 0 {
      warnings.append("Gauges that can't be right were refused: \(refused.names).")
    }
    let mismatch =
      live.isEmpty && !identified.isEmpty
      ? filter.explainMismatch(with: identified.map { series[$0.index] }) : nil
    return RouterWorkers(
      live: live, warnings: warnings, mismatch: mismatch,
      fault: fault(filter, chosen.map { series[$0.index] }))
  }

  /// Why nothing must be decided on the page; nil when it can be used.
  private func fault(_ filter: WorkerFilter, _ chosen: [Series]) -> String? {
    if let contradiction = contradictions.first {
      return "The page contradicts itself: \(contradiction)."
    }
    if chosen.allSatisfy({ $0.model != nil }), !chosen.isEmpty { return nil }
    return filter.explainSharing(of: facts.models)
  }

  /// The registered workers of which the page shows no gauge.
  private func idleWorkers(_ filter: WorkerFilter) -> [WorkerGauges] {
    guard !facts.registrations.isEmpty else { return [] }
    let known = Set(series.map(\.workerID))
    var found: Set<String> = []
    return facts.registrations.compactMap { registration in
      guard !known.contains(registration.workerID),
        let component = Component(rawValue: registration.workerType),
        filter.keeps(registration), found.insert(registration.workerID).inserted
      else { return nil }
      return WorkerGauges(
        workerID: registration.workerID, component: component, activePrefillTokens: 0,
        activeDecodeBlocks: 0)
    }
  }

  /// A live series of a known component. Sorting moves these two numbers instead of the series.
  private typealias Rank = (component: Component, index: Int)

  private func identifiedLiveRanks(_ warnings: inout [String]) -> [Rank] {
    var unnamed = NamedCases()
    var untyped = NamedCases()
    var ranks: [Rank] = []
    ranks.reserveCapacity(series.count)
    for (index, series) in series.enumerated() {
      if series.workerID.isEmpty {
        unnamed.add("line \(series.firstLine)")
      } else if let component = Component(rawValue: series.workerType) {
        if series.isLive { ranks.append((component, index)) }
      } else {
        untyped.add("line \(series.firstLine) says \(Excerpt.of(series.workerType.utf8))")
      }
    }
    if unnamed.count > 0 {
      warnings.append("Series without a worker_id were left out: \(unnamed.names).")
    }
    if untyped.count > 0 {
      warnings.append(
        "Series whose worker_type is not prefill or decode were left out: \(untyped.names).")
    }
    return ranks
  }

  private func precedes(_ left: Rank, _ right: Rank) -> Bool {
    if left.component != right.component { return left.component < right.component }
    let (leftID, rightID) = (series[left.index].workerID, series[right.index].workerID)
    if leftID != rightID { return leftID < rightID }
    return series[left.index].rank < series[right.index].rank
  }

  /// One worker for each run of ranks with the same component and id.
  private func merge(_ ranks: [Rank], refused: inout NamedCases) -> [WorkerGauges] {
    var live: [WorkerGauges] = []
    live.reserveCapacity(ranks.count)
    var start = 0
    while start < ranks.count {
      let first = ranks[start]
      var end = start + 1
      while end < ranks.count, ranks[end].component == first.component,
        series[ranks[end].index].workerID == series[first.index].workerID
      {
        end += 1
      }
      let worker = ranks[start..<end].map { series[$0.index] }
      live.append(WorkerGauges(merging: worker, of: first.component, refused: &refused))
      start = end
    }
    return live
  }
}
