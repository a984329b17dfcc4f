import Planning

/// A cluster under a trace, event by event: arrivals, first tokens, completions, workers that
/// become ready. Time is in seconds from the trace's time zero.
///
/// A value: copying it gives a second cluster in the same state, which is how an oracle looks
/// ahead. A request costs a handful of events of logarithmic cost each; tokens cost nothing.
struct ClusterSimulation: Sendable {
  let trace: RequestTrace
  let settings: ClusterSettings
  let speed: EngineSpeed
  private(set) var now = 0.0
  private(set) var counters = FrontendCounters()
  /// Requests that arrived and are neither done nor refused.
  private(set) var inFlight = 0
  /// Those of them without a first token.
  private(set) var queued = 0
  /// The latencies of the requests it was made for.
  var log: LatencyLog

  var workers: [Worker] = []
  private(set) var pools: [WorkerPool] = []
  private var timers = TimerHeap()
  private var freeSlots: [Int] = []
  private var nextID = 1
  private var nextArrival = 0
  private var countedUntil = 0.0
  private var random: SimulationRandom
  private var startRandom: SimulationRandom
  /// Requests and sequences for which no worker is ready, by pool.
  private var unroutedRequests = FIFO<Int32>()
  private var unroutedSequences = FIFO<DecodeBatch.Sequence>()

  /// - Parameter log: the requests whose latencies are written down; nil for all.
  init(
    trace: RequestTrace, speed: EngineSpeed, settings: ClusterSettings, log: Range<Int>? = nil
  ) {
    self.trace = trace
    self.settings = settings
    self.speed = speed
    self.log = LatencyLog(requests: log ?? 0..<trace.count)
    random = SimulationRandom(seed: settings.seed, stream: 4)
    startRandom = SimulationRandom(seed: settings.seed, stream: 5)
    for component in settings.components {
      let role: Worker.Role =
        settings.mode == .agg ? .aggregated : component == .prefill ? .prefill : .decode
      var pool = WorkerPool(
        component: component, role: role, gpusPerReplica: settings.gpus(of: component))
      pool.asked = max(1, settings.initialReplicas[component] ?? 1)
      pools.append(pool)
      for _ in 0..<pool.asked { start(in: pools.count - 1, readyAt: 0) }
    }
  }

  // MARK: Time

  /// Lets everything happen that happens until `end`; what arrives at `end` itself comes later.
  mutating func advance(to end: Double) {
    while true {
      let arrival = nextArrival < trace.count ? trace.arrivals[nextArrival] : .infinity
      let timer = timers.first?.time ?? .infinity
      if timer <= arrival, timer <= end, let slot = timers.first?.owner {
        now = max(now, timer)
        workerEvent(slot)
      } else if arrival < end {
        now = max(now, arrival)
        arrive(nextArrival)
        nextArrival += 1
      } else {
        break
      }
    }
    now = max(now, end)
  }

  /// When the next thing happens by itself (an arrival, a worker's event); infinity when nothing
  /// will.
  var nextEvent: Double {
    let arrival = nextArrival < trace.count ? trace.arrivals[nextArrival] : .infinity
    return min(arrival, timers.first?.time ?? .infinity)
  }

  /// Brings every running total up to the present moment.
  mutating func settle() {
    count()
    for index in pools.indices { pools[index].accrue(until: now) }
    for slot in workers.indices where workers[slot].batch.runningCount > 0 { advanceBatch(slot) }
  }

  private mutating func count() {
    counters.inFlightSeconds += Double(inFlight) * (now - countedUntil)
    countedUntil = now
  }

  // MARK: Requests

  /// Prompt tokens of the requests for which no worker is ready.
  var unroutedPromptTokens: Int {
    unroutedRequests.reduce(0) { $0 + Int(trace.isl[Int($1)]) }
  }

  private mutating func arrive(_ request: Int) {
    counters.started += 1
    let isl = trace.isl[request]
    let osl = trace.osl[request]
    guard Double(isl) + Double(osl) <= speed.kvTokens else {
      counters.refused += 1
      log.refuse(request)
      return
    }
    count()
    inFlight += 1
    queued += 1
    route(request: Int32(request))
  }

  private mutating func route(request: Int32) {
    let blocks = settings.prefixCacheBlocks > 0 ? trace.blocks(of: Int(request)) : []
    guard let place = place(for: blocks) else {
      unroutedRequests.append(request)
      return
    }
    let slot = Int(pools[0].ready[place])
    let isl = trace.isl[Int(request)]
    let cached = takeCached(blocks, isl: isl, slot)
    workers[slot].hasServed = true
    if workers[slot].role == .aggregated {
      workers[slot].prompts.enqueue(
        .init(request: request, isl: isl, osl: trace.osl[Int(request)], cached: cached))
      runAggregated(slot)
    } else {
      workers[slot].lane.add(request: request, isl: isl, cached: cached, at: now, speed: speed)
    }
    changed(slot)
  }

  /// Where a prompt goes: to the worker with the fewest tokens in work once its own are added, less
  /// those that its cache holds.
  private mutating func place(for blocks: ArraySlice<Int32>) -> Int? {
    guard !blocks.isEmpty else { return pools[0].choose(settings.routing, &random) }
    let saved = pools[0].ready.map { slot in
      Double(workers[Int(slot)].cache.held(blocks)) * Double(RequestTrace.blockTokens)
    }
    return pools[0].choose(settings.routing, &random, saved: saved)
  }

  /// Tokens at the beginning of a prompt that the worker's cache holds; it holds all of it then.
  private mutating func takeCached(
    _ blocks: ArraySlice<Int32>, isl: Int32, _ slot: Int
  ) -> Int32 {
    guard !blocks.isEmpty else { return 0 }
    let held = Int32(workers[slot].cache.held(blocks)) * RequestTrace.blockTokens
    workers[slot].cache.take(blocks)
    let cached = min(held, isl - 1)
    counters.cachedTokens += Double(cached)
    counters.routedTokens += Double(isl)
    return cached
  }

  private mutating func route(sequence: DecodeBatch.Sequence) {
    guard let place = pools[1].choose(settings.routing, &random) else {
      unroutedSequences.append(sequence)
      return
    }
    let slot = Int(pools[1].ready[place])
    workers[slot].hasServed = true
    workers[slot].batch.enqueue(sequence)
    runBatch(slot)
    changed(slot)
  }

  private mutating func firstToken(request: Int32, isl: Int32, from slot: Int) {
    let index = Int(request)
    let ttft = now - trace.arrivals[index]
    counters.ttft.add(ttft)
    counters.isl.add(Double(isl))
    log.setTTFT(ttft * 1000, of: index)
    queued -= 1
    workers[slot].lastTTFTSeconds = ttft
    workers[slot].lastISL = isl
    let osl = trace.osl[index]
    guard osl > 1 else {
      complete(request: index, itlSeconds: 0)
      return
    }
    let sequence = DecodeBatch.Sequence(
      request: request, isl: isl, remaining: osl - 1, firstTokenAt: now)
    if workers[slot].role == .aggregated {
      workers[slot].batch.join(sequence)
    } else {
      route(sequence: sequence)
    }
  }

  private mutating func complete(request: Int, itlSeconds: Double) {
    count()
    inFlight -= 1
    counters.completed += 1
    counters.duration.add(now - trace.arrivals[request])
    counters.osl.add(Double(trace.osl[request]))
    log.setITL(itlSeconds * 1000, of: request)
  }

  // MARK: Workers at work

  private mutating func workerEvent(_ slot: Int) {
    switch (workers[slot].phase, workers[slot].role) {
    case (.gone, _): break
    case (.starting, _): finishStart(slot)
    case (_, .prefill):
      while let prompt = workers[slot].lane.popDue(at: now) {
        firstToken(request: prompt.request, isl: prompt.isl, from: slot)
      }
    case (_, .decode): runBatch(slot)
    case (_, .aggregated): runAggregated(slot)
    }
    changed(slot)
  }

  /// Brings a worker's batch to the present and counts the tokens it generated.
  private mutating func advanceBatch(_ slot: Int) {
    let step = workers[slot].batch.stepSeconds
    let stall = workers[slot].batch.stallSeconds
    let served = workers[slot].batch.advance(to: now)
    if served.tokens > 0 {
      counters.itl.add(step + stall, times: served.tokens, sum: served.gapSeconds)
    }
  }

  private mutating func finishSequences(_ slot: Int) {
    while let done = workers[slot].batch.popFinished() {
      complete(
        request: Int(done.request),
        itlSeconds: (now - done.firstTokenAt) / Double(max(1, done.tokens)))
    }
  }

  private mutating func runBatch(_ slot: Int) {
    advanceBatch(slot)
    finishSequences(slot)
    let limit = settings.maximumSequences ?? .max
    while let joined = workers[slot].batch.admitNext(
      kvTokens: speed.kvTokens, maximumSequences: limit)
    {
      let waited = now - joined.firstTokenAt
      if waited > 0 { counters.itl.lengthen(workers[slot].batch.stepSeconds, by: waited) }
    }
    workers[slot].batch.tune(speed)
  }

  private mutating func runAggregated(_ slot: Int) {
    advanceBatch(slot)
    finishSequences(slot)
    let done = workers[slot].prompts.endStep(at: now)
    // What comes while a step with prompts runs waits for its end.
    guard workers[slot].prompts.step == nil else { return }
    for prompt in done {
      firstToken(request: prompt.request, isl: prompt.isl, from: slot)
      if prompt.osl == 1 { workers[slot].batch.reserve(-prompt.reservation) }
    }
    admitPrompts(slot)
    beginMixedStep(slot)
  }

  private mutating func admitPrompts(_ slot: Int) {
    let limit = settings.maximumSequences ?? .max
    let kvTokens = speed.kvTokens
    while true {
      let reserved = workers[slot].batch.reserved
      let held = workers[slot].batch.runningCount + workers[slot].prompts.admitted
      let admitted = workers[slot].prompts.admitNext {
        held < limit && reserved + $0.reservation <= kvTokens
      }
      guard let admitted else { return }
      workers[slot].batch.reserve(admitted.reservation)
    }
  }

  /// Begins a step with prompts once the step that is under way has ended.
  private mutating func beginMixedStep(_ slot: Int) {
    workers[slot].batch.stallSeconds = 0
    workers[slot].batch.tune(speed)
    guard workers[slot].prompts.hasWork, workers[slot].batch.stepEnd <= now else { return }
    let stepSeconds =
      workers[slot].batch.runningCount > 0 ? workers[slot].batch.stepSeconds : 0
    workers[slot].prompts.begin(
      at: now, besideStepOf: stepSeconds, tokens: settings.chunkTokens, speed)
    workers[slot].batch.stallSeconds = workers[slot].prompts.step?.seconds ?? 0
  }

  /// To be called after anything happened on a worker: its next event, its load, its end.
  private mutating func changed(_ slot: Int) {
    if workers[slot].phase == .draining, workers[slot].isIdle(at: now) {
      let pool = Self.poolIndex(workers[slot].component, of: pools.count)
      pools[pool].accrue(until: now)
      pools[pool].drainingCount -= 1
      workers[slot].phase = .gone
      freeSlots.append(slot)
    }
    timers.set(slot, to: workers[slot].nextEvent(at: now))
    if workers[slot].phase == .ready {
      pools[Self.poolIndex(workers[slot].component, of: pools.count)].setLoad(
        workers[slot].load, at: workers[slot].readyIndex)
    }
  }

  /// Where a component's pool is. Static: asking `self` at every event copied all of it, whose
  /// references two policies that run side by side then fought over.
  private static func poolIndex(_ component: Component, of count: Int) -> Int {
    count == 1 || component == .prefill ? 0 : 1
  }

  // MARK: Scaling

  /// Asks for `count` replicas of a component (at least 1, at most
  /// ``ClusterSettings/mostReplicas``), as the operator does it: missing ones
  /// are started, surplus ones go, those still starting first, then the youngest.
  mutating func scale(_ component: Component, to count: Int) {
    guard settings.components.contains(component) else { return }
    let pool = Self.poolIndex(component, of: pools.count)
    pools[pool].accrue(until: now)
    pools[pool].asked = min(max(1, count), ClusterSettings.mostReplicas)
    while pools[pool].ready.count + pools[pool].starting.count < pools[pool].asked {
      start(in: pool, readyAt: now + startUpSeconds())
    }
    while pools[pool].ready.count + pools[pool].starting.count > pools[pool].asked {
      stopOne(in: pool)
    }
  }

  /// How long the next start takes; infinity for one that never ends.
  private mutating func startUpSeconds() -> Double {
    if settings.startUp.isInstant { return 0 }
    let seconds = settings.startUp.draw(&startRandom)
    guard settings.neverStartShare > 0 else { return seconds }
    return startRandom.uniform() < settings.neverStartShare ? .infinity : seconds
  }

  private mutating func start(in pool: Int, readyAt: Double) {
    var worker = Worker(
      id: nextID, component: pools[pool].component, role: pools[pool].role, phase: .starting,
      readyAt: readyAt)
    nextID += 1
    if pool == 0 { worker.cache = PrefixCache(capacity: settings.prefixCacheBlocks) }
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      workers[slot] = worker
    } else {
      slot = workers.count
      workers.append(worker)
      timers.addOwner()
    }
    pools[pool].starting.append(Int32(slot))
    if readyAt <= now { becomeReady(slot) }
    timers.set(slot, to: workers[slot].nextEvent(at: now))
  }

  private mutating func finishStart(_ slot: Int) {
    if settings.startFailureShare > 0, !settings.startUp.isInstant,
      random.uniform() < settings.startFailureShare
    {
      pools[Self.poolIndex(workers[slot].component, of: pools.count)].failedStarts += 1
      workers[slot].readyAt = now + settings.startUp.draw(&startRandom)
    } else {
      becomeReady(slot)
    }
  }

  private mutating func becomeReady(_ slot: Int) {
    let pool = Self.poolIndex(workers[slot].component, of: pools.count)
    pools[pool].accrue(until: now)
    pools[pool].starting.removeAll { $0 == slot }
    workers[slot].phase = .ready
    workers[slot].readyIndex = pools[pool].addReady(slot)
    if pool == 0 {
      while let request = unroutedRequests.popFirst() { route(request: request) }
    } else {
      while let sequence = unroutedSequences.popFirst() { route(sequence: sequence) }
    }
  }

  private mutating func stopOne(in pool: Int) {
    if let slot = pools[pool].starting.popLast().map({ Int($0) }) {
      workers[slot].phase = .gone
      freeSlots.append(slot)
      timers.set(slot, to: .infinity)
      return
    }
    guard let youngest = pools[pool].ready.max(by: { workers[Int($0)].id < workers[Int($1)].id })
    else { return }
    let slot = Int(youngest)
    let place = workers[slot].readyIndex
    if let moved = pools[pool].removeReady(at: place) { workers[moved].readyIndex = place }
    workers[slot].phase = .draining
    pools[pool].drainingCount += 1
    changed(slot)
  }
}
