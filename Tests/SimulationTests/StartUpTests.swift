import Planning
import Testing

@testable import Simulation

/// How long workers take to be there, and engines that differ from their profile.
struct StartUpTests {
  private func cluster(_ change: (inout ClusterSettings) -> Void) throws -> ClusterSimulation {
    var settings = SimulationSettings.small(startUp: 100)
    change(&settings.cluster)
    return try SimulationRun(
      trace: Traces.of([(0, 1, 1)]), profile: Engines.ideal(), settings: settings
    ).cluster()
  }

  /// When each of `count` workers that are ordered at 0 s is ready, to the second.
  private func starts(_ count: Int, _ change: (inout ClusterSettings) -> Void) throws -> [Double] {
    var cluster = try cluster(change)
    cluster.scale(.prefill, to: count + 1)
    var times: [Double] = []
    for second in 1...2000 {
      cluster.advance(to: Double(second))
      let ready = cluster.pools[0].ready.count - 1
      times += Array(repeating: Double(second), count: ready - times.count)
    }
    return times
  }

  @Test("log-normal start-ups have their median and spread")
  func logNormal() throws {
    let times = try starts(400) { $0.startUp = .logNormal(median: 90, deviation: 0.5) }
    #expect(times.count == 400)
    #expect(near(times[200], 90, within: 9))
    // Nine in ten within 90 · e^(1.2816 · 0.5) = 171 s.
    let usual = StartUpTime.logNormal(median: 90, deviation: 0.5).usualSeconds
    #expect(near(usual, 170.8, within: 0.1))
    let within = Double(times.count { $0 <= 171 }) / 400
    #expect(near(within, 0.9, within: 0.05))
  }

  @Test("uniform start-ups stay within their bounds")
  func uniform() throws {
    let times = try starts(400) { $0.startUp = .uniform(40, 120) }
    #expect(times.allSatisfy { $0 >= 40 && $0 <= 121 })
    #expect(near(times.reduce(0, +) / 400, 80, within: 5))
    #expect(StartUpTime.uniform(40, 120).usualSeconds == 112)
  }

  @Test("workers that never come hold their GPUs until they are ordered away, before ready ones go")
  func never() throws {
    var cluster = try cluster { $0.neverStartShare = 0.3 }
    cluster.scale(.prefill, to: 201)
    cluster.advance(to: 5000)
    let stuck = cluster.pools[0].starting.count
    #expect(near(Double(stuck) / 200, 0.3, within: 0.1))
    #expect(cluster.pools[0].held == 201)
    cluster.scale(.prefill, to: 201 - stuck)
    #expect(cluster.pools[0].starting.isEmpty && cluster.pools[0].ready.count == 201 - stuck)
    #expect(cluster.pools[0].held == 201 - stuck)
  }

  @Test("another spread of start-ups leaves the routing as it was")
  func streams() throws {
    let trace = Traces.poisson(rate: 20, count: 2000, isl: { Int32($0.index(below: 500)) + 1 })
    func latencies(_ startUp: StartUpTime) throws -> [Float] {
      var settings = SimulationSettings.small(prefill: 3, decode: 2)
      settings.cluster.startUp = startUp
      return try SimulationRun(trace: trace, profile: Engines.h200(), settings: settings)
        .finished().log.ttft
    }
    #expect(try latencies(.fixed(60)) == latencies(.logNormal(median: 60, deviation: 1)))
  }

  @Test("slow engines take longer by their factor, each component by its own")
  func slowdown() throws {
    let trace = Traces.of([(0, 2000, 101)])
    func latencies(_ prefill: Double, _ decode: Double) throws -> (ttft: Double, itl: Double) {
      var settings = SimulationSettings.small()
      settings.cluster.prefillSlowdown = prefill
      settings.cluster.decodeSlowdown = decode
      let log = try SimulationRun(trace: trace, profile: Engines.h200(), settings: settings)
        .finished().log
      return (Double(log.ttft[0]), Double(log.itl[0]))
    }
    let profiled = try latencies(1, 1)
    let slow = try latencies(1.25, 1.5)
    #expect(near(slow.ttft / profiled.ttft, 1.25, within: 1e-5))
    #expect(near(slow.itl / profiled.itl, 1.5, within: 1e-5))
  }

  @Test("needs are those of the engines as they are")
  func needs() throws {
    let trace = Traces.poisson(rate: 20, count: 600, isl: { _ in 3000 }, osl: { _ in 200 })
    func need(_ slowdown: Double) throws -> [Component: Double] {
      var settings = SimulationSettings.small(itl: 15)
      settings.cluster.prefillSlowdown = slowdown
      settings.cluster.decodeSlowdown = slowdown
      return try SimulationRun(trace: trace, profile: Engines.h200(), settings: settings)
        .busyEngines(for: 0..<600, seconds: 30)
    }
    let (profiled, slow) = (try need(1), try need(1.25))
    let prefill = try #require(profiled[.prefill])
    #expect(near(slow[.prefill], 1.25 * prefill))
    // Slower steps leave room for fewer sequences, which are longer in service.
    let decode = try #require(profiled[.decode])
    #expect(try #require(slow[.decode]) > 1.2 * decode)
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      { $0.startUp = .fixed(-1) }, { $0.startUp = .logNormal(median: 60, deviation: -1) },
      { $0.startUp = .uniform(20, 10) }, { $0.neverStartShare = 1.5 },
      { $0.prefillSlowdown = 0 }, { $0.decodeSlowdown = .nan },
    ] as [@Sendable (inout ClusterSettings) -> Void])
  func refused(_ change: @Sendable (inout ClusterSettings) -> Void) {
    #expect(throws: SimulationError.self) { try cluster(change) }
  }
}
