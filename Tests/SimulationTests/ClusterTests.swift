import EngineProfiles
import Foundation
import Planning
import Testing

@testable import Simulation

struct ClusterTests {
  private func chat(rate: Double, count: Int, seed: UInt64 = 3) -> RequestTrace {
    Traces.poisson(
      rate: rate, count: count, seed: seed,
      isl: { Int32(min($0.logNormal(mean: 2000, variation: 1), 20_000)) + 1 },
      osl: { Int32(min($0.logNormal(mean: 200, variation: 1), 4000)) + 1 })
  }

  @Test(
    "every request that arrives is in flight, done or refused, at any moment",
    arguments: [DeploymentMode.disagg, .agg])
  func conservation(mode: DeploymentMode) throws {
    let run = try SimulationRun(
      trace: chat(rate: 30, count: 6000), profile: Engines.h200(),
      settings: .small(mode: mode))
    var cluster = run.cluster()
    var random = SimulationRandom(seed: 5)
    var time = 0.0
    while time < run.trace.duration + 600 {
      time += random.exponential(mean: 5)
      cluster.advance(to: time)
      for component in cluster.settings.components {
        cluster.scale(component, to: 1 + random.index(below: 6))
      }
      let counters = cluster.counters
      let held = cluster.workers.reduce(0) {
        $0 + $1.lane.count + $1.batch.runningCount + $1.batch.waitingCount
      }
      #expect(counters.started == counters.completed + counters.refused + cluster.inFlight)
      if mode == .disagg { #expect(held == cluster.inFlight) }
      #expect(cluster.queued <= cluster.inFlight && cluster.queued >= 0)
    }
    cluster.advance(to: time + 1e5)
    #expect(cluster.counters.completed == run.trace.count)
    #expect(cluster.log.unfinished == 0)
    #expect(cluster.counters.osl.sum == run.trace.osl.reduce(0) { $0 + Double($1) })
    #expect(cluster.counters.isl.sum == run.trace.isl.reduce(0) { $0 + Double($1) })
  }

  @Test("no request is answered faster than an idle engine could")
  func neverFasterThanIdle() throws {
    let trace = chat(rate: 10, count: 5000)
    let profile = try Engines.h200()
    let cluster = try SimulationRun(
      trace: trace, profile: profile, settings: .small(prefill: 2, decode: 2)
    ).finished()
    let speed = cluster.speed
    for request in 0..<trace.count {
      let alone = speed.firstTokenSeconds(isl: trace.isl[request]) * 1000
      #expect(Double(cluster.log.ttft[request]) >= alone * 0.9999)
      if trace.osl[request] > 1 {
        #expect(Double(cluster.log.itl[request]) > 4.3)  // the fastest step of the profile
      }
    }
  }

  @Test("more workers are never worse", arguments: [5.0, 20, 60])
  func moreWorkers(rate: Double) throws {
    let trace = chat(rate: rate, count: 6000)
    let profile = try Engines.h200()
    var previous: Outcome?
    for replicas in [1, 2, 3, 4, 6, 10] {
      let settings = SimulationSettings.small(prefill: replicas, decode: replicas)
      let outcome = try SimulationRun(trace: trace, profile: profile, settings: settings)
        .result(of: FixedReplicas(name: "fixed")).total
      if let previous, let before = previous.ttft, let after = outcome.ttft,
        let itlBefore = previous.itl, let itlAfter = outcome.itl
      {
        #expect(outcome.good >= previous.good)
        // Where there is no queue left, the router's random choices move the mean a little.
        #expect(after.mean <= before.mean * 1.002, "\(replicas) replicas")
        #expect(itlAfter.mean <= itlBefore.mean * 1.002, "\(replicas) replicas")
      }
      previous = outcome
    }
  }

  @Test("a busy prefill worker takes the profile's time", arguments: [500, 3000, 12_000])
  func prefillSaturation(isl: Int) throws {
    let profile = try Engines.h200()
    let trace = Traces.of((0..<500).map { _ in (0, Int32(isl), 1) })
    var cluster = try SimulationRun(trace: trace, profile: profile, settings: .small()).cluster()
    cluster.advance(to: 1e6)
    let last = Double(try #require(cluster.log.ttft.max())) / 1000
    let expected = try #require(profile.prefill).gpuSecondsPerPrompt(isl: Double(isl))
    #expect((last / 500 / expected - 1).magnitude < 0.005)
  }

  @Test(
    "a full decode worker reaches the profile's throughput", arguments: [(3000, 300), (500, 2000)])
  func decodeSaturation(isl: Int, osl: Int) throws {
    let profile = try Engines.h200()
    let surface = try #require(profile.decode)
    let trace = Traces.of((0..<16_000).map { _ in (0, Int32(isl), Int32(osl)) })
    var cluster = try SimulationRun(
      trace: trace, profile: profile, settings: .small(prefill: 400)
    ).cluster()
    // Many generations of sequences, because those that began together go on together.
    cluster.advance(to: 60)
    cluster.settle()
    let before = cluster.counters.itl.count
    cluster.advance(to: 660)
    cluster.settle()
    let found = (cluster.counters.itl.count - before) / 600
    let sequences = (surface.maximumKVTokens / Double(isl + osl)).rounded(.down)
    // Each sequence passes every context from ISL to ISL + OSL.
    let steps = (1...osl).map { token in
      surface.itlMilliseconds(
        concurrency: sequences, contextLength: Double(isl) + Double(token)) / 1000
    }
    let expected = sequences * Double(osl) / steps.reduce(0, +)
    #expect((found / expected - 1).magnitude < 0.02, "\(found), not \(expected) tokens/s")
    let profiled = surface.throughputPerGPU(
      concurrency: sequences, contextLength: Double(isl) + Double(osl) / 2)
    #expect((0.98...1.08).contains(found / profiled), "\(found), profiled \(profiled) tokens/s")
  }

  @Test("a request whose tokens no engine's KV cache holds is refused, counted, and no load")
  func refusal() throws {
    let profile = try Engines.ideal(kvTokens: 5000)
    let trace = Traces.of([(0, 4000, 1000), (1, 4000, 1001), (2, 6000, 10)])
    let result = try SimulationRun(trace: trace, profile: profile, settings: .small())
      .result(of: FixedReplicas(name: "fixed"))
    #expect(result.total.refused == 2)
    #expect(result.total.arrivals == 1)
    #expect(result.total.good == 1)
  }

  @Test("the wait for room in the KV cache counts in the request's ITL")
  func admissionWait() throws {
    // Room for one sequence at a time; each takes 1 s.
    let profile = try Engines.ideal(stepSeconds: 0.01, kvTokens: 1100)
    let trace = Traces.of([(0, 1000, 100), (0, 1000, 100), (0, 1000, 100)])
    let cluster = try SimulationRun(trace: trace, profile: profile, settings: .small()).finished()
    for (position, itl) in cluster.log.itl.enumerated() {
      #expect((Double(itl) - 10 * Double(position + 1)).magnitude < 0.1)
    }
  }

  @Test("decode slows down with the batch and the context, as the profile says")
  func decodeSpeed() throws {
    let profile = try Engines.h200()
    let surface = try #require(profile.decode)
    for (sequences, isl) in [(1, 500), (10, 2000), (40, 8000)] {
      let trace = Traces.of((0..<sequences).map { _ in (0, Int32(isl), 101) })
      let cluster = try SimulationRun(
        trace: trace, profile: profile, settings: .small(prefill: sequences)
      ).finished()
      let expected = surface.itlMilliseconds(
        concurrency: Double(sequences), contextLength: Double(isl) + 50)
      let found = Double(try #require(cluster.log.itl.first))
      #expect((found / expected - 1).magnitude < 0.02, "\(found), not \(expected) ms")
    }
  }

  @Test("the same seed gives the same run, another seed another one")
  func determinism() throws {
    let trace = chat(rate: 40, count: 8000)
    func result(seed: UInt64) throws -> SimulationResult {
      var settings = SimulationSettings.small(prefill: 4, decode: 4)
      settings.cluster.seed = seed
      settings.cluster.startFailureShare = 0.3
      return try SimulationRun(trace: trace, profile: Engines.h200(), settings: settings).result(
        of: UtilisationAutoscaler(name: "hpa", mode: .disagg, sequencesPerReplica: 40))
    }
    #expect(try result(seed: 1) == result(seed: 1))
    #expect(try result(seed: 1) != result(seed: 2))
  }

  @Test(
    "whole tokens: a run in many small steps is the run in one",
    arguments: [DeploymentMode.disagg, .agg])
  func steps(mode: DeploymentMode) throws {
    let run = try SimulationRun(
      trace: chat(rate: 20, count: 3000), profile: Engines.h200(),
      settings: .small(prefill: 2, decode: 2, mode: mode))
    let whole = run.finished()
    var stepped = run.cluster()
    var time = 0.0
    while time < run.trace.duration + 300 {
      time += 0.37
      stepped.advance(to: time)
      stepped.settle()
    }
    for request in 0..<run.trace.count {
      #expect(abs(whole.log.ttft[request] - stepped.log.ttft[request]) < 0.1)
      #expect(abs(whole.log.itl[request] - stepped.log.itl[request]) < 0.01)
    }
  }
}
