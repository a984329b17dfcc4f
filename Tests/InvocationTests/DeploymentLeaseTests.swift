import Forecasting
import Logging
import Planning
import Synchronization
import Testing

@testable import Invocation

/// A lease that notes what is done with it.
final class ScriptedLease: DeploymentLease {
  let steps = Mutex<[String]>([])
  let refusal: (any Error)?

  init(refusal: (any Error)? = nil) { self.refusal = refusal }

  func acquire(at time: Double) async throws {
    steps.withLock { $0.append("acquire at \(Int(time))") }
    if let refusal { throw refusal }
  }

  func release() async throws {
    try Task.checkCancellation()
    steps.withLock { $0.append("release") }
  }
}

/// A connector that keeps something between invocations, and has things to say.
private final class KeepingConnector: Connector {
  let given = Mutex<[String]>([])
  let outcome: ScalingOutcome

  init(_ outcome: ScalingOutcome = ScalingOutcome(applied: [.prefill, .decode])) {
    self.outcome = outcome
  }

  var state: String? { get async { "{\"version\":\(given.withLock { $0.count + 1 })}" } }

  func resume(_ state: String) async { given.withLock { $0.append(state) } }

  func observe(at time: Double) async throws -> DeploymentStatus {
    DeploymentStatus(components: [
      .prefill: ComponentStatus(replicas: 5, ready: 5),
      .decode: ComponentStatus(replicas: 5, ready: 5),
    ])
  }

  func apply(_ order: ScalingOrder) async throws -> ScalingOutcome { outcome }
}

@Suite("The deployment's own lease and the connector's memory")
struct DeploymentLeaseTests {
  private let store = MemoryStore()

  private func run(
    _ connector: any Connector, lease: ScriptedLease? = nil,
    traffic: any TrafficSource = ScriptedTraffic()
  ) async throws -> DecisionDocument {
    try await Invocation(
      settings: Given.settings(), profile: try Given.profile(),
      ports: InvocationPorts(
        store: store, traffic: traffic, workers: nil, connector: connector, lease: lease,
        clock: FixedClock(6005), wallClock: { 7000 }),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).run()
  }

  @Test("it is taken before anything else, by the machine's clock, and given back at the end")
  func life() async throws {
    let lease = ScriptedLease()
    _ = try await run(KeepingConnector(), lease: lease)
    #expect(lease.steps.withLock { $0 } == ["acquire at 7000", "release"])
  }

  @Test("while another planner has it, nothing is read or saved")
  func held() async throws {
    let refusal = StateError.leased(owner: "another", until: 9000)
    let lease = ScriptedLease(refusal: refusal)
    let traffic = ScriptedTraffic()
    await #expect(throws: refusal) {
      try await run(KeepingConnector(), lease: lease, traffic: traffic)
    }
    #expect(lease.steps.withLock { $0 } == ["acquire at 7000"])
    #expect(traffic.windows.withLock { $0.isEmpty })
    store.content.withLock {
      #expect($0.observations.isEmpty && $0.decisions.isEmpty && $0.leaseOwner == nil)
    }
  }

  @Test("whoever wants to know is told once it is taken, and can end the invocation there")
  func told() async throws {
    struct Refused: Error {}
    let events = Mutex<[String]>([])
    func run(_ lease: ScriptedLease, refuses: Bool = false) async throws -> DecisionDocument {
      try await Invocation(
        settings: Given.settings(), profile: try Given.profile(),
        ports: InvocationPorts(
          store: store,
          traffic: ScriptedTraffic { end in
            events.withLock { $0.append("observed") }
            return .unknown(intervalEnd: end, reason: "down")
          },
          workers: nil, connector: ScriptedConnector([.prefill: 5, .decode: 5]), lease: lease,
          clock: FixedClock(6005),
          leaseTaken: {
            let isOurs = self.store.content.withLock { $0.leaseOwner == "test/1" }
            events.withLock { $0.append(isOurs ? "taken" : "too early") }
            if refuses { throw Refused() }
          }),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ).run()
    }
    let refusal = StateError.leased(owner: "another", until: 9000)
    await #expect(throws: refusal) { try await run(ScriptedLease(refusal: refusal)) }
    #expect(events.withLock { $0.isEmpty })
    let lease = ScriptedLease()
    await #expect(throws: Refused.self) { try await run(lease, refuses: true) }
    #expect(events.withLock { $0 } == ["taken"])
    #expect(lease.steps.withLock { $0.last } == "release")
    #expect(store.content.withLock { $0.leaseOwner == nil && $0.decisions.isEmpty })
    _ = try await run(ScriptedLease())
    #expect(events.withLock { $0.prefix(3) } == ["taken", "taken", "observed"])
  }

  @Test("it is given back after a failure")
  func failure() async throws {
    let lease = ScriptedLease()
    let broken = ScriptedConnector([:], failures: .init(observing: .unreachable("gone")))
    await #expect(throws: ConnectorError.self) { try await run(broken, lease: lease) }
    #expect(lease.steps.withLock { $0.last } == "release")
  }

  @Test("it is given back when the invocation is stopped, also in the middle of taking it")
  func stopped() async throws {
    for refusal in [nil, ConnectorError.unreachable("stopped")] {
      let lease = ScriptedLease(refusal: refusal)
      let slow = ScriptedTraffic { end in
        withUnsafeCurrentTask { $0?.cancel() }
        return .unknown(intervalEnd: end, reason: "stopped")
      }
      let task = Task { try await run(KeepingConnector(), lease: lease, traffic: slow) }
      task.cancel()
      await #expect(throws: CancellationError.self) { _ = try await task.value }
      #expect(lease.steps.withLock { $0 } == ["acquire at 7000", "release"])
    }
  }

  @Test("what the connector wants to keep is there in the next invocation")
  func state() async throws {
    let connector = KeepingConnector()
    _ = try await run(connector)
    #expect(connector.given.withLock { $0.isEmpty })
    #expect(store.content.withLock { $0.parts[.connector] } == "{\"version\":1}")
    _ = try await run(connector)
    #expect(connector.given.withLock { $0 } == ["{\"version\":1}"])
    #expect(store.content.withLock { $0.parts[.connector] } == "{\"version\":2}")
  }

  @Test("what is to be said of a change stands in the decision, printed and stored")
  func warnings() async throws {
    let document = try await run(
      KeepingConnector(ScalingOutcome(applied: [.prefill, .decode], warnings: ["No Event."])))
    #expect(document.status == .applied)
    #expect(document.warnings.last == "No Event.")
    let stored = try #require(store.content.withLock { $0.decisions.last?.document })
    #expect(try JSONText.decode(DecisionDocument.self, from: stored) == document)
  }

  // Departure 34
  @Test("a half-done change says which half")
  func partial() async throws {
    let document = try await run(
      KeepingConnector(ScalingOutcome(applied: [.decode], failed: [.prefill: "No such adapter."])))
    #expect(document.status == .failed)
    let decode = try #require(document.components[.decode]?.final)
    #expect(
      document.error
        == "prefill: No such adapter. decode was set to \(decode) all the same.")
  }
}
