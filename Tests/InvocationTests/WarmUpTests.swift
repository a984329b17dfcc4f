import Forecasting
import Logging
import Planning
import Synchronization
import Testing

@testable import Invocation

@Suite("Warming up new predictors")
struct WarmUpTests {
  let store = MemoryStore()
  let connector = ScriptedConnector([.prefill: 5, .decode: 5])
  /// How often the recorded traffic was read.
  let reads = Reads()

  final class Reads: Sendable {
    let count = Mutex(0)
  }

  private func run(
    at time: Double, traffic: ScriptedTraffic, kind: PredictorKind = .kalman,
    warmUp: [RecordedTraffic]? = nil
  ) async throws -> DecisionDocument {
    var settings = Given.settings(catchUpIntervals: 1)
    settings.planner.predictor.kind = kind
    let recorded =
      warmUp
      ?? (0..<20).map { RecordedTraffic(requestCount: 300 + 10 * Double($0), isl: 500, osl: 50) }
    let reads = reads
    return try await Invocation(
      settings: settings, profile: try Given.profile(),
      ports: InvocationPorts(
        store: store, traffic: traffic, workers: nil, connector: connector,
        clock: FixedClock(time),
        warmUp: {
          reads.count.withLock { $0 += 1 }
          return recorded
        }),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).run()
  }

  @Test("happens once: the first live interval follows on the recorded ones")
  func once() async throws {
    let live = ScriptedTraffic()
    let first = try await run(at: 6005, traffic: live)
    // A ramp of 10 an interval from 300 to 490, then the live 600.
    var expected = TrafficPredictors(
      settings: PredictorSettings(kind: .kalman, intervalSeconds: 60))
    expected.warmUp(
      (0..<20).map { RecordedTraffic(requestCount: 300 + 10 * Double($0), isl: 500, osl: 50) },
      endingAt: 5940)
    #expect(expected.forecast().map { abs($0.requestCount - 500) < 10 } == true)
    let seen = try #require(first.observed)
    expected.observe(
      requestCount: seen.requestCount, isl: seen.isl, osl: seen.osl, intervalEnd: 6000)
    #expect(first.forecast?.requestCount == expected.forecast()?.requestCount)
    _ = try await run(at: 6065, traffic: live)
    #expect(reads.count.withLock { $0 } == 1)
    #expect(store.content.withLock { $0.observations.count } == 2)
  }

  @Test("waits until an interval is known: an outage at the first start doesn't cost it")
  func outage() async throws {
    let dark = ScriptedTraffic { .unknown(intervalEnd: $0, reason: "down") }
    #expect(try await run(at: 6005, traffic: dark).status == .held)
    #expect(store.content.withLock { $0.parts[.predictors] } == nil)
    let live = try await run(at: 6065, traffic: ScriptedTraffic())
    #expect(live.forecast.map { $0.requestCount < 600 } == true)
  }

  @Test("is left out where stored observations can be learned from")
  func otherSettings() async throws {
    _ = try await run(at: 6005, traffic: ScriptedTraffic(), warmUp: [])
    _ = try await run(at: 6065, traffic: ScriptedTraffic(), kind: .constant)
    #expect(reads.count.withLock { $0 } == 1)
  }

  @Test("that can't be read stops the invocation, and the state stays as it was")
  func unreadable() async throws {
    struct Unreadable: Error {}
    await #expect(throws: Unreadable.self) {
      _ = try await Invocation(
        settings: Given.settings(), profile: try Given.profile(),
        ports: InvocationPorts(
          store: store, traffic: ScriptedTraffic(), workers: nil, connector: connector,
          clock: FixedClock(6005), warmUp: { throw Unreadable() }),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ).run()
    }
    store.content.withLock {
      #expect($0.observations.isEmpty && $0.parts.isEmpty && $0.leaseOwner == nil)
    }
  }

  @Test("idle intervals before the first live request forecast what was recorded")
  func idle() async throws {
    let idle = ScriptedTraffic {
      .known(
        TrafficObservation(
          intervalEnd: $0, requestCount: 0, isl: nil, osl: nil, ttftMilliseconds: nil,
          itlMilliseconds: nil, requestDurationSeconds: nil))
    }
    let document = try await run(at: 6005, traffic: idle)
    #expect(document.forecast.map { abs($0.requestCount - 500) < 10 } == true)
  }
}
