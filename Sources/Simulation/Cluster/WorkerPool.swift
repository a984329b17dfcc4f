import Planning

/// The replicas of one component: which are there, and which of them the router chooses from.
struct WorkerPool: Sendable {
  let component: Component
  let role: Worker.Role
  let gpusPerReplica: Int
  /// Replicas asked for.
  var asked = 0
  /// Slots of the ready workers, and what the router compares them by.
  private(set) var ready: [Int32] = []
  private(set) var loads: [Double] = []
  /// Slots of the workers on their way up, the oldest first.
  var starting: [Int32] = []
  /// Workers that finish what they have.
  var drainingCount = 0
  /// Starts that failed.
  var failedStarts = 0
  private var turn = 0
  private var accruedUntil = 0.0
  private var accruedGPUSeconds = 0.0

  init(component: Component, role: Worker.Role, gpusPerReplica: Int) {
    self.component = component
    self.role = role
    self.gpusPerReplica = gpusPerReplica
  }

  /// Replicas that hold GPUs.
  var held: Int { ready.count + starting.count + drainingCount }

  // MARK: Time

  /// Counts GPU time up to `now`; to be called before a count changes.
  mutating func accrue(until now: Double) {
    let elapsed = now - accruedUntil
    accruedGPUSeconds += elapsed * Double(held * gpusPerReplica)
    accruedUntil = now
  }

  /// Seconds times GPUs held, up to the last ``accrue(until:)``.
  var gpuSeconds: Double { accruedGPUSeconds }
  /// Seconds times GPUs held until `now`, which is not before the last ``accrue(until:)``.
  func gpuSeconds(at now: Double) -> Double {
    accruedGPUSeconds + (now - accruedUntil) * Double(held * gpusPerReplica)
  }

  // MARK: The router's choice

  /// Adds a ready worker.
  ///
  /// - Returns: its place.
  mutating func addReady(_ slot: Int) -> Int {
    ready.append(Int32(slot))
    loads.append(0)
    return ready.count - 1
  }

  /// Removes the worker at `place`; the last one takes that place.
  ///
  /// - Returns: the slot that moved, if one did.
  mutating func removeReady(at place: Int) -> Int? {
    ready.swapAt(place, ready.count - 1)
    loads.swapAt(place, loads.count - 1)
    ready.removeLast()
    loads.removeLast()
    return place < ready.count ? Int(ready[place]) : nil
  }

  mutating func setLoad(_ load: Double, at place: Int) { loads[place] = load }

  /// The place of the worker that a request goes to; nil when none is ready.
  mutating func choose(_ rule: RoutingRule, _ random: inout SimulationRandom) -> Int? {
    choose(rule, &random, saved: [])
  }

  /// The same where a request costs a worker less by so many tokens.
  mutating func choose(
    _ rule: RoutingRule, _ random: inout SimulationRandom, saved: [Double]
  ) -> Int? {
    guard !loads.isEmpty else { return nil }
    switch rule {
    case .leastLoaded: return leastLoaded(&random, saved)
    case .random: return random.index(below: loads.count)
    case .roundRobin:
      turn = (turn + 1) % loads.count
      return turn
    }
  }

  private func leastLoaded(
    _ random: inout SimulationRandom, _ saved: [Double]
  ) -> Int {
    // Without savings no copy is made: this is asked for at every request.
    let costs = saved.isEmpty ? loads : zip(loads, saved).map { $0 - $1 }
    var least = costs[0]
    var place = 0
    var ties = 1
    for index in 1..<max(1, costs.count) {
      let load = costs[index]
      if load < least {
        least = load
        place = index
        ties = 1
      } else if load == least {
        ties += 1
      }
    }
    guard ties > 1 else { return place }
    var chosen = random.index(below: ties)
    for index in place..<costs.count where costs[index] == least {
      if chosen == 0 { return index }
      chosen -= 1
    }
    return place
  }
}
