import Planning

/// Steps one cluster through a run and calls the policy in between.
struct RunDriver<Policy: ScalingPolicy> {
  private let run: SimulationRun
  private var policy: Policy
  private var cluster: ClusterSimulation
  private var recorder: RunRecorder
  /// Unix seconds of time zero: intervals end at multiples of their length.
  private let epoch: Int

  private var nextLook: Double
  private var lastLook = 0.0
  private var nextReport: Double
  /// The traffic in the policy's intervals, and in its steps.
  private var intervals: TrafficFeed?
  private var steps: TrafficFeed?
  private var scrapes: CounterScrapes?
  /// The look that is under way: what was seen so far, and when the next sample is due.
  private var look: (metrics: ClusterMetrics, nextSample: Double)?

  init(_ run: SimulationRun, policy: Policy) {
    self.run = run
    self.policy = policy
    cluster = run.cluster(initialReplicas: policy.initialReplicas)
    recorder = RunRecorder(run)
    epoch = run.settings.epoch(
      intervalSeconds: policy.trafficIntervalSeconds ?? policy.trafficStepSeconds)
    nextLook = policy.nextLook(after: 0)
    nextReport = Double(run.settings.reportSeconds)
    let (epoch, settings) = (epoch, run.settings)
    func feed(_ seconds: Int?) -> TrafficFeed? {
      seconds.map {
        TrafficFeed(seconds: $0, epoch: epoch, lateness: settings.metricsLatenessSeconds)
      }
    }
    intervals = feed(policy.trafficIntervalSeconds)
    steps = feed(policy.trafficStepSeconds)
    if settings.scrapeSeconds > 0, let longest = intervals?.seconds ?? steps?.seconds {
      var random = SimulationRandom(seed: settings.cluster.seed, stream: 6)
      scrapes = CounterScrapes(
        periodSeconds: settings.scrapeSeconds, phase: settings.scrapeSeconds * random.uniform(),
        longestWindow: Double(longest))
    }
  }

  mutating func drive() throws {
    let end = run.end
    var traceEnd = run.trace.duration
    while true {
      let stop = min(end, nextReport, nextTelemetry, traceEnd, look?.nextSample ?? nextLook)
      cluster.advance(to: stop)
      if stop == traceEnd {
        recorder.noteTraceEnd(cluster)
        traceEnd = .infinity
      }
      if stop == nextTelemetry { count() }
      if stop == nextReport {
        cluster.settle()
        recorder.closeInterval(cluster)
        nextReport += Double(run.settings.reportSeconds)
      }
      if stop >= end { break }
      if let look, stop == look.nextSample { try sample() }
      if look == nil, stop == nextLook { try beginLook() }
    }
    cluster.advance(to: end + SimulationSettings.drainSeconds)
  }

  func result() -> SimulationResult { recorder.result(policy: policy.name, cluster: cluster) }

  /// When the counters are looked at next.
  private var nextTelemetry: Double {
    min(
      scrapes?.next ?? .infinity, intervals?.nextEnd ?? .infinity, steps?.nextEnd ?? .infinity)
  }

  private mutating func count() {
    cluster.settle()
    if scrapes?.next == cluster.now { scrapes?.take(cluster) }
    if intervals?.nextEnd == cluster.now { intervals?.close(cluster, scrapes: scrapes) }
    if steps?.nextEnd == cluster.now { steps?.close(cluster, scrapes: scrapes) }
  }

  private mutating func beginLook() throws {
    let usage = cluster.usage(since: lastLook)
    lastLook = cluster.now
    let metrics = ClusterMetrics(
      time: unixTime, deployment: cluster.deploymentStatus,
      intervals: intervals?.take(at: cluster.now) ?? [],
      steps: steps?.take(at: cluster.now) ?? [], inFlight: cluster.inFlight, queued: cluster.queued,
      usage: usage)
    look = (metrics, cluster.now)
    try sample()
  }

  /// Takes the sample that is due; after the last one the policy decides.
  private mutating func sample() throws {
    guard var current = look else { return }
    let sampling = policy.sampling
    repeat {
      if current.metrics.samples.count < sampling.count {
        current.metrics.samples.append(cluster.sampleWorkers(time: unixTime))
      }
    } while sampling.spacing == 0 && current.metrics.samples.count < sampling.count
    guard current.metrics.samples.count >= sampling.count else {
      current.nextSample = cluster.now + sampling.spacing
      look = current
      return
    }
    look = nil
    let targets = try policy.targets(for: current.metrics)
    for component in run.settings.cluster.mode.components {
      guard let count = targets[component] else { continue }
      recorder.note(component, count: count, cluster: cluster)
      cluster.scale(component, to: count)
    }
    nextLook = max(policy.nextLook(after: lastLook), cluster.now)
  }

  private var unixTime: Double { Double(epoch) + cluster.now }
}
