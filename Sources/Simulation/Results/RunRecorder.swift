import Planning

/// Writes down what a run costs, interval by interval, and judges its requests at the end.
struct RunRecorder {
  private let run: SimulationRun
  private var intervals: [IntervalOutcome] = []
  private var gpuSeconds = 0.0
  /// GPU-seconds up to the last request.
  private var traceGPUSeconds = 0.0
  private var failedStarts = 0
  private var changes: [Component: Int] = [:]

  init(_ run: SimulationRun) { self.run = run }

  /// Notes that a policy asks for `count` replicas, before they are asked for.
  mutating func note(_ component: Component, count: Int, cluster: ClusterSimulation) {
    guard let pool = cluster.pools.first(where: { $0.component == component }),
      pool.asked != max(1, count)
    else { return }
    changes[component, default: 0] += 1
  }

  /// The last request arrives now.
  mutating func noteTraceEnd(_ cluster: ClusterSimulation) {
    traceGPUSeconds = cluster.pools.reduce(0) { $0 + $1.gpuSeconds(at: cluster.now) }
  }

  /// Ends an interval; the cluster is settled.
  mutating func closeInterval(_ cluster: ClusterSimulation) {
    let seconds = Double(run.settings.reportSeconds)
    let totalGPUSeconds = cluster.pools.reduce(0) { $0 + $1.gpuSeconds }
    let totalFailed = cluster.pools.reduce(0) { $0 + $1.failedStarts }
    let outcome = Outcome(
      seconds: seconds, arrivals: 0, refused: 0, unfinished: 0, good: 0, goodTTFT: 0, goodITL: 0,
      gpuHours: (totalGPUSeconds - gpuSeconds) / 3600, changes: changes,
      failedStarts: totalFailed - failedStarts)
    var replicas: [Component: ReplicaCounts] = [:]
    for pool in cluster.pools {
      replicas[pool.component] = ReplicaCounts(
        asked: pool.asked, ready: pool.ready.count, starting: pool.starting.count,
        draining: pool.drainingCount)
    }
    intervals.append(
      IntervalOutcome(
        start: Double(intervals.count) * seconds, outcome: outcome, replicas: replicas))
    gpuSeconds = totalGPUSeconds
    failedStarts = totalFailed
    changes = [:]
  }

  /// The whole result, once every request had its chance.
  func result(policy: String, cluster: ClusterSimulation) -> SimulationResult {
    var intervals = intervals
    for index in intervals.indices {
      let start = intervals[index].start
      let requests = run.trace.requests(
        from: start, to: index + 1 == intervals.count ? .infinity : start + reportSeconds)
      judge(requests, cluster.log, into: &intervals[index].outcome)
    }
    let total = total(of: intervals, cluster.log)
    let afterTrace = max(0, gpuSeconds - traceGPUSeconds) / 3600
    return SimulationResult(
      policy: policy, total: total, intervals: intervals,
      traceGPUHours: max(0, total.gpuHours - afterTrace))
  }

  private var reportSeconds: Double { Double(run.settings.reportSeconds) }

  private func total(of intervals: [IntervalOutcome], _ log: LatencyLog) -> Outcome {
    let counted = intervals.filter { $0.start >= run.settings.warmUpSeconds }
    var total = Outcome(
      seconds: Double(counted.count) * reportSeconds, arrivals: 0, refused: 0, unfinished: 0,
      good: 0, goodTTFT: 0, goodITL: 0, gpuHours: 0, changes: [:], failedStarts: 0)
    for interval in counted {
      total.gpuHours += interval.outcome.gpuHours
      total.failedStarts += interval.outcome.failedStarts
      total.changes.merge(interval.outcome.changes, uniquingKeysWith: +)
    }
    let first = run.trace.firstIndex(notBefore: counted.first?.start ?? .infinity)
    judge(first..<run.trace.count, log, into: &total)
    return total
  }

  private func judge(_ requests: Range<Int>, _ log: LatencyLog, into outcome: inout Outcome) {
    var ttfts: [Float] = []
    var itls: [Float] = []
    ttfts.reserveCapacity(requests.count)
    itls.reserveCapacity(requests.count)
    let targets = run.settings.targets
    for request in requests {
      let ttft = log.ttft[request]
      let itl = log.itl[request]
      if ttft < 0 {
        outcome.refused += 1
        continue
      }
      outcome.arrivals += 1
      if !ttft.isNaN { ttfts.append(ttft) }
      if itl.isNaN { outcome.unfinished += 1 } else if itl > 0 { itls.append(itl) }
      // NaN is within no target.
      let meetsTTFT = Double(ttft) <= targets.ttftMilliseconds
      let meetsITL = Double(itl) <= targets.itlMilliseconds
      if meetsTTFT { outcome.goodTTFT += 1 }
      if meetsITL { outcome.goodITL += 1 }
      if meetsTTFT, meetsITL { outcome.good += 1 }
    }
    outcome.ttft = LatencySummary(ttfts)
    outcome.itl = LatencySummary(itls)
  }
}
