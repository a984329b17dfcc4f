extension LoadState {
  /// Learns from the samples of one invocation.
  ///
  /// Disaggregated: one observation per worker and sample. Aggregated: one per worker, on its mean
  /// over the samples, because chunked prefill makes single readings noisy. A latency gauge keeps
  /// its last value while a worker is idle; so a worker whose latency reading is the one it had at
  /// the last sample has measured nothing new, whatever its load gauge says now. A worker younger
  /// than the warm-up is remembered but not learned from: cold workers' latencies would poison the
  /// regression. Workers not seen for a day are forgotten. Of very many workers those of a
  /// ``WorkerSketch`` are learned from: a regression looks back on some tens of observations.
  public mutating func learn(
    from samples: [WorkerSample], mode: DeploymentMode, policy: LoadPolicy
  ) {
    ttft.trim(to: policy.learningWindow)
    itl.trim(to: policy.learningWindow)
    let sketch = WorkerSketch(of: samples.map(\.workers.count).max() ?? 0)
    let samples =
      sketch.isExact
      ? samples
      : samples.map { sample in
        WorkerSample(
          time: sample.time, workers: sample.workers.filter { sketch.holds($0.workerID) })
      }
    if mode == .agg {
      learnMeans(from: samples, policy: policy)
    } else {
      for sample in samples {
        for worker in sample.workers where mode.components.contains(worker.component) {
          learn([worker], at: sample.time, aggregated: false, policy: policy)
        }
      }
    }
    if let now = samples.last?.time {
      workers = workers.filter {
        $0.value.lastSeen > now - 86_400 && sketch.holds($0.value.gauges.workerID)
      }
    }
  }

  private mutating func learnMeans(from samples: [WorkerSample], policy: LoadPolicy) {
    guard let last = samples.last else { return }
    for readings in WorkerMeans.readings(samples, component: .decode) {
      learn(readings, at: last.time, aggregated: true, policy: policy)
    }
  }

  /// Learns the mean of one worker's readings where one of them is a new measurement.
  private mutating func learn(
    _ readings: [WorkerGauges], at time: Double, aggregated: Bool, policy: LoadPolicy
  ) {
    guard let newest = readings.last else { return }
    let key = Self.key(newest)
    let before = workers[key]
    let firstSeen = before?.firstSeen ?? time
    workers[key] = WorkerState(firstSeen: firstSeen, lastSeen: time, gauges: newest)
    guard time - firstSeen >= policy.warmUpSeconds else { return }
    let worker = WorkerMeans.mean(of: readings) ?? newest
    if newest.component == .prefill || aggregated,
      readings.showNewMeasurement(\.ttftReadings, since: before?.gauges)
    {
      learnTTFT(worker, window: policy.learningWindow)
    }
    if newest.component == .decode,
      readings.showNewMeasurement(\.itlReadings, since: before?.gauges)
    {
      learnITL(worker, window: policy.learningWindow)
    }
  }

  private mutating func learnTTFT(_ worker: WorkerGauges, window: Int) {
    guard let latency = worker.lastTTFTMilliseconds, let isl = worker.lastISL,
      let tokens = worker.activePrefillTokens, latency > 0, isl > 0
    else { return }
    ttft.add(LoadPoint(load: tokens + isl, latencyMilliseconds: latency), window: window)
  }

  private mutating func learnITL(_ worker: WorkerGauges, window: Int) {
    guard let latency = worker.lastITLMilliseconds, let blocks = worker.activeDecodeBlocks,
      latency > 0, blocks > 0
    else { return }
    itl.add(LoadPoint(load: blocks, latencyMilliseconds: latency), window: window)
  }
}

extension [WorkerGauges] {
  /// Whether `readings` differ in one of these from what they were before it.
  fileprivate func showNewMeasurement(
    _ readings: (WorkerGauges) -> [Double?], since before: WorkerGauges?
  ) -> Bool {
    var previous = before.map(readings)
    return map(readings).contains { reading in
      defer { previous = reading }
      return reading != previous
    }
  }
}

extension WorkerGauges {
  /// What a new TTFT measurement changes, rank by rank: a mean over ranks moves with their load.
  fileprivate var ttftReadings: [Double?] {
    rankTTFTMilliseconds ?? [lastTTFTMilliseconds, lastISL]
  }
  /// What a new ITL measurement changes, rank by rank.
  fileprivate var itlReadings: [Double?] { rankITLMilliseconds ?? [lastITLMilliseconds] }
}
