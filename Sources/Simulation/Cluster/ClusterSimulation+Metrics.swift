import Planning

/// What can be seen of a cluster from outside.
extension ClusterSimulation {
  /// What the deployment says, as a Kubernetes connector reads it: workers that drain are not
  /// counted, and scaling is in progress while a worker that was asked for is not ready.
  var deploymentStatus: DeploymentStatus {
    var status = DeploymentStatus(components: [:])
    var waiting: [String] = []
    for pool in pools where settings.mode.components.contains(pool.component) {
      let isStable = pool.ready.count == pool.asked
      status.components[pool.component] = ComponentStatus(
        replicas: pool.asked, ready: pool.ready.count, isStable: isStable,
        gpusPerReplica: pool.gpusPerReplica)
      if !isStable {
        waiting.append("\(pool.ready.count) of \(pool.asked) \(pool.component.rawValue) workers")
      }
    }
    if !waiting.isEmpty {
      status.readiness = .startingWorkers("\(waiting.joined(separator: " and ")) are ready")
    }
    return status
  }

  /// The router's page: the ready workers that ever got a request.
  ///
  /// - Parameter time: Unix seconds of the present moment.
  mutating func sampleWorkers(time: Double) -> WorkerSample {
    settle()
    var gauges: [WorkerGauges] = []
    for pool in pools {
      for slot in pool.ready where workers[Int(slot)].hasServed {
        gauges.append(workers[Int(slot)].gauges(blockSize: settings.blockSize))
      }
    }
    gauges.sort { ($0.component, $0.workerID) < ($1.component, $1.workerID) }
    return WorkerSample(time: time, workers: gauges)
  }

  /// How busy the ready workers are; their share of busy time is that since `since`, when this was
  /// last asked for.
  mutating func usage(since: Double) -> [Component: ComponentUsage] {
    let elapsed = now - since
    var usage: [Component: ComponentUsage] = [:]
    for pool in pools {
      var busy = 0.0
      var sequences = 0
      var reserved = 0.0
      var promptTokens = 0
      var fullCaches = 0.0
      for slot in pool.ready.map({ Int($0) }) {
        let total = workers[slot].lane.busySeconds(until: now)
        if elapsed > 0 { busy += min(1, max(0, (total - workers[slot].busyMark) / elapsed)) }
        workers[slot].busyMark = total
        sequences += workers[slot].batch.runningCount + workers[slot].batch.waitingCount
        reserved += workers[slot].batch.reserved
        promptTokens += workers[slot].lane.activeTokens + workers[slot].prompts.activeTokens
        fullCaches += min(1, workers[slot].batch.contextInService(at: now) / speed.kvTokens)
      }
      if pool.component == pools[0].component { promptTokens += unroutedPromptTokens }
      let capacity = speed.kvTokens * Double(pool.ready.count)
      usage[pool.component] = ComponentUsage(
        ready: pool.ready.count, starting: pool.starting.count, busyWorkers: busy,
        sequences: sequences, kvUsage: capacity > 0 ? reserved / capacity : 0,
        promptTokens: Double(promptTokens), fullCaches: fullCaches)
    }
    return usage
  }
}
