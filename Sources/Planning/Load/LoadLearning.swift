extension LoadMemory {
  /// Learns from the samples of one invocation.
  ///
  /// Disaggregated: one observation per worker and sample. Aggregated: one per worker, on its mean
  /// over the samples, because chunked prefill makes single readings noisy. A latency gauge keeps
  /// its last value while a worker is idle; so a worker whose latency reading is the one it had at
  /// the last sample has measured nothing new, whatever its load gauge says now. A worker younger
  /// than the warm-up is remembered but not learned from: cold workers' latencies would poison the
  /// regression. Workers not seen for a day are forgotten.
  public mutating func learn(
    from samples: [WorkerSample], mode: DeploymentMode, policy: LoadPolicy
  ) {
    ttft.trim(to: policy.learningWindow)
    itl.trim(to: policy.learningWindow)
    if mode == .agg {
      learnMeans(from: samples, policy: policy)
    } else {
      for sample in samples {
        for worker in sample.workers where mode.components.contains(worker.component) {
          learn(worker, at: sample.time, aggregated: false, policy: policy)
        }
      }
    }
    if let now = samples.last?.time {
      workers = workers.filter { $0.value.lastSeen > now - 86_400 }
    }
  }

  private mutating func learnMeans(from samples: [WorkerSample], policy: LoadPolicy) {
    guard let last = samples.last else { return }
    for worker in WorkerMeans.perWorker(samples, component: .decode) {
      learn(worker, at: last.time, aggregated: true, policy: policy)
    }
  }

  private mutating func learn(
    _ worker: WorkerGauges, at time: Double, aggregated: Bool, policy: LoadPolicy
  ) {
    let key = "\(worker.component.rawValue)/\(worker.workerID)"
    let before = workers[key]
    let firstSeen = before?.firstSeen ?? time
    workers[key] = WorkerMemory(firstSeen: firstSeen, lastSeen: time, gauges: worker)
    guard time - firstSeen >= policy.warmUpSeconds else { return }
    if worker.component == .prefill || aggregated {
      learnTTFT(worker, before: before?.gauges, window: policy.learningWindow)
    }
    if worker.component == .decode {
      learnITL(worker, before: before?.gauges, window: policy.learningWindow)
    }
  }

  private mutating func learnTTFT(_ worker: WorkerGauges, before: WorkerGauges?, window: Int) {
    guard let latency = worker.lastTTFTMilliseconds, let isl = worker.lastISL,
      let tokens = worker.activePrefillTokens, latency > 0, isl > 0,
      latency != before?.lastTTFTMilliseconds || isl != before?.lastISL
    else { return }
    ttft.add(LoadPoint(load: tokens + isl, latencyMilliseconds: latency), window: window)
  }

  private mutating func learnITL(_ worker: WorkerGauges, before: WorkerGauges?, window: Int) {
    guard let latency = worker.lastITLMilliseconds, let blocks = worker.activeDecodeBlocks,
      latency > 0, blocks > 0, latency != before?.lastITLMilliseconds
    else { return }
    itl.add(LoadPoint(load: blocks, latencyMilliseconds: latency), window: window)
  }
}
