import Foundation
import Planning
import Testing

@testable import Simulation

/// Where the model reduces to a queue that theory solves, it gives theory's answer.
struct QueueingTheoryTests {
  /// M/D/1: one prefill worker, equal prompts. Wait ρS / 2(1 − ρ).
  @Test(
    "one prefill worker with equal prompts waits as an M/D/1 queue",
    arguments: [0.3, 0.6, 0.8, 0.9])
  func deterministicService(utilisation: Double) throws {
    let service = 0.05
    let trace = Traces.poisson(
      rate: utilisation / service, count: 40_000, isl: { _ in 1000 })
    let run = try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: service / 1000),
      settings: .small())
    let waits = run.finished().log.ttft.map { Double($0) / 1000 - service }
    let expected = utilisation * service / (2 * (1 - utilisation))
    let found = BatchMean(waits)
    #expect(found.agrees(with: expected), "\(found.mean) ± \(found.standardError), not \(expected)")
  }

  /// M/M/1 and, with constant-plus-exponential lengths, M/G/1: Pollaczek and Khinchine's formula
  /// λE[S²] / 2(1 − ρ).
  @Test(
    "one prefill worker with prompts of any length waits as an M/G/1 queue",
    arguments: [0.0, 500, 1500])
  func generalService(constantTokens: Double) throws {
    let exponentialTokens = 2000 - constantTokens
    let secondsPerToken = 5e-5
    let rate = 7.5
    let trace = Traces.poisson(rate: rate, count: 40_000) { random in
      Int32(constantTokens) + Traces.exponential(mean: exponentialTokens)(&random)
    }
    let run = try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: secondsPerToken),
      settings: .small())
    let services = trace.isl.map { Double($0) * secondsPerToken }
    let waits = zip(run.finished().log.ttft, services).map { Double($0) / 1000 - $1 }
    let secondMoment = services.reduce(0) { $0 + $1 * $1 } / Double(services.count)
    let mean = services.reduce(0, +) / Double(services.count)
    let expected = rate * secondMoment / (2 * (1 - rate * mean))
    let found = BatchMean(waits)
    #expect(found.agrees(with: expected), "\(found.mean) ± \(found.standardError), not \(expected)")
  }

  /// M/M/c: a decode engine whose steps take equally long whatever the batch, and whose batch holds
  /// c sequences of exponential length, is a queue with c servers. Erlang's C.
  @Test(
    "a decode worker with room for c sequences waits as an M/M/c queue",
    arguments: [(1, 0.7), (2, 0.8), (5, 0.9), (20, 0.95), (50, 0.9)])
  func severalServers(servers: Int, utilisation: Double) throws {
    let meanTokens = 1000.0
    let step = 0.001
    let rate = utilisation * Double(servers) / (meanTokens * step)
    let trace = Traces.poisson(
      rate: rate, count: 30_000,
      osl: { 1 + Traces.exponential(mean: meanTokens)(&$0) })
    let run = try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: 1e-9, stepSeconds: step),
      settings: .small(maximumSequences: servers))
    let waits = zip(run.finished().log.itl, trace.osl).map { itl, osl in
      let tokens = Double(osl - 1)
      return Double(itl) / 1000 * tokens - tokens * step
    }
    let expected =
      erlangC(servers: servers, utilisation: utilisation) * meanTokens * step
      / (Double(servers) * (1 - utilisation))
    let found = BatchMean(waits)
    #expect(found.agrees(with: expected), "\(found.mean) ± \(found.standardError), not \(expected)")
  }

  /// M/G/∞: with room for all, sequences under way are Poisson with mean λ × residence time.
  @Test("a decode worker with room for all holds λ × residence sequences on average")
  func unlimitedServers() throws {
    let trace = Traces.poisson(rate: 40, count: 40_000, osl: { _ in 501 })
    let run = try SimulationRun(
      trace: trace, profile: Engines.ideal(prefillSecondsPerToken: 1e-9, stepSeconds: 0.002),
      settings: .small())
    var cluster = run.cluster()
    cluster.advance(to: trace.duration)
    cluster.settle()
    let inFlight = cluster.counters.inFlightSeconds / trace.duration
    #expect((inFlight - 40).magnitude < 0.8, "\(inFlight)")
  }

  @Test(
    "requests in flight are arrivals times mean duration (Little's law)",
    arguments: [1, 3], [5.0, 20])
  func littlesLaw(replicas: Int, rate: Double) throws {
    let trace = Traces.poisson(
      rate: rate, count: 20_000,
      isl: { Int32($0.logNormal(mean: 2000, variation: 1)) + 1 },
      osl: { Int32($0.logNormal(mean: 200, variation: 1)) + 1 })
    let run = try SimulationRun(
      trace: trace, profile: Engines.h200(),
      settings: .small(prefill: replicas, decode: replicas))
    var cluster = run.finished()
    cluster.settle()
    // Over the whole life of the cluster, empty at both ends, the law is an identity.
    let duration = cluster.counters.duration
    #expect(cluster.inFlight == 0)
    #expect(
      (cluster.counters.inFlightSeconds / duration.sum - 1).magnitude < 1e-9,
      "\(cluster.counters.inFlightSeconds) and \(duration.sum)")
  }

  private func erlangC(servers: Int, utilisation: Double) -> Double {
    let load = utilisation * Double(servers)
    // Erlang's B by its recursion, then C.
    var blocking = 1.0
    for server in 1...servers { blocking = load * blocking / (Double(server) + load * blocking) }
    return blocking / (1 - utilisation * (1 - blocking))
  }
}
