import Planning
import Testing

@testable import Simulation

struct LifecycleTests {
  private func cluster(
    _ trace: RequestTrace = Traces.of([(0, 1, 1)]), startUp: Double = 60, failures: Double = 0
  ) throws -> ClusterSimulation {
    var settings = SimulationSettings.small(prefill: 2, decode: 2, startUp: startUp)
    settings.cluster.startFailureShare = failures
    settings.cluster.gpusPerReplica = [.prefill: 1, .decode: 4]
    return try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: 0.001, stepSeconds: 0.1),
      settings: settings
    ).cluster()
  }

  private func pool(_ cluster: ClusterSimulation, _ component: Component) throws -> WorkerPool {
    try #require(cluster.pools.first { $0.component == component })
  }

  @Test("a worker takes requests only after its start-up time, and holds its GPUs from the start")
  func startUp() throws {
    var cluster = try cluster()
    cluster.advance(to: 100)
    cluster.scale(.decode, to: 5)
    #expect(try pool(cluster, .decode).starting.count == 3)
    #expect(cluster.deploymentStatus.readiness.waitReason == "2 of 5 decode workers are ready")
    cluster.advance(to: 159.9)
    #expect(try pool(cluster, .decode).ready.count == 2)
    cluster.advance(to: 160)
    #expect(try pool(cluster, .decode).ready.count == 5)
    #expect(cluster.deploymentStatus.readiness.waitReason == nil)
    cluster.advance(to: 200)
    cluster.settle()
    // 2 × 4 GPUs for 200 s, 3 × 4 for the 100 s since they were ordered.
    #expect(try pool(cluster, .decode).gpuSeconds == 2 * 4 * 200 + 3 * 4 * 100)
    #expect(try pool(cluster, .prefill).gpuSeconds == 2 * 1 * 200)
  }

  @Test("a worker that is ordered away while it starts is gone at once")
  func cancelledStart() throws {
    var cluster = try cluster()
    cluster.scale(.decode, to: 4)
    cluster.advance(to: 10)
    cluster.scale(.decode, to: 1)
    #expect(try pool(cluster, .decode).starting.isEmpty)
    #expect(try pool(cluster, .decode).ready.count == 1)
    cluster.advance(to: 1000)
    #expect(try pool(cluster, .decode).ready.count == 1)
    #expect(try pool(cluster, .decode).held == 1)
  }

  @Test(
    "a worker that is ordered away finishes what it has, takes nothing new, and holds its GPUs until then"
  )
  func draining() throws {
    // Two sequences of 100 s, one on each worker, then one that comes after the order.
    var cluster = try cluster(Traces.of([(0, 1, 1001), (0, 1, 1001), (20, 1, 101)]))
    cluster.advance(to: 10)
    cluster.scale(.decode, to: 1)
    let order = try pool(cluster, .decode)
    #expect(order.ready.count == 1 && order.drainingCount == 1)
    #expect(cluster.deploymentStatus.components[.decode]?.ready == 1)
    #expect(cluster.sampleWorkers(time: 0).workers.count { $0.component == .decode } == 1)
    cluster.advance(to: 25)
    let running = try pool(cluster, .decode).ready.map {
      cluster.workers[Int($0)].batch.runningCount
    }
    #expect(running == [2])
    cluster.advance(to: 99)
    #expect(try pool(cluster, .decode).drainingCount == 1)
    cluster.advance(to: 101)
    #expect(try pool(cluster, .decode).drainingCount == 0)
    cluster.advance(to: 110)
    cluster.settle()
    let held = try pool(cluster, .decode).gpuSeconds
    #expect((held - 4 * (110 + 100)).magnitude < 1)
    #expect(cluster.log.unfinished == 0)
  }

  @Test("starting workers go before ready ones, young ones before old ones")
  func removalOrder() throws {
    var cluster = try cluster()
    cluster.scale(.prefill, to: 3)
    cluster.advance(to: 100)
    cluster.scale(.prefill, to: 5)
    cluster.scale(.prefill, to: 2)
    let ids = try pool(cluster, .prefill).ready.map { cluster.workers[Int($0)].id }
    #expect(ids.sorted() == [1, 2])
  }

  @Test("a failed start begins again and is counted")
  func failedStarts() throws {
    var cluster = try cluster(failures: 0.5)
    cluster.scale(.prefill, to: 202)
    cluster.advance(to: 60)
    let first = try pool(cluster, .prefill)
    #expect((60...140).contains(first.failedStarts))
    #expect(first.ready.count == 202 - first.failedStarts)
    cluster.advance(to: 6000)
    #expect(try pool(cluster, .prefill).ready.count == 202)
  }
}
