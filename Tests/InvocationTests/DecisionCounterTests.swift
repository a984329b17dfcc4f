import Planning
import Synchronization
import Testing

@testable import Invocation

/// A counter that remembers what it was told, one word after another.
private final class WordCounter: DecisionCounter {
  private let words = Mutex<[String]>([])

  func begin(from stored: String?) { words.withLock { $0 = stored.map { [$0] } ?? [] } }

  func count(_ document: DecisionDocument, _ record: DecisionRecord) -> String? {
    add("\(document.status.rawValue)@\(Int(record.decision.time))")
  }

  func countFailure() -> String? { add("error") }

  private func add(_ word: String) -> String {
    words.withLock { words in
      words.append(word)
      return words.joined(separator: " ")
    }
  }
}

@Suite("What is counted of an invocation")
struct DecisionCounterTests {
  private let store = MemoryStore()

  private func run(
    _ connector: any Connector, _ settings: InvocationSettings = Given.settings(),
    at time: Double = 6005, lease: ScriptedLease? = nil, isWatched: Bool = true
  ) async throws -> DecisionDocument {
    try await Given.run(
      settings, at: time, store: store, traffic: ScriptedTraffic(), connector: connector,
      lease: lease, counter: isWatched ? WordCounter() : nil)
  }

  private var counted: String? { store.content.withLock { $0.parts[.metrics] } }

  @Test("each decision in its final status, after what earlier invocations counted")
  func decisions() async throws {
    let connector = ScriptedConnector([.prefill: 5, .decode: 5])
    #expect(try await run(connector).status == .applied)
    #expect(counted == "applied@6005")
    #expect(try await run(connector, at: 6065).status == .unchanged)
    #expect(counted == "applied@6005 unchanged@6065")
    _ = connector.replicas.withLock { $0.updateValue(9, forKey: .decode) }
    #expect(try await run(connector, Given.settings(isDryRun: true), at: 6125).status == .dryRun)
    #expect(counted == "applied@6005 unchanged@6065 dry-run@6125")
  }

  @Test("nothing, when nobody watches")
  func unwatched() async throws {
    _ = try await run(ScriptedConnector([.prefill: 5, .decode: 5]), isWatched: false)
    #expect(counted == nil)
  }

  @Test("a decision that was not applied, and the one that took its place")
  func conflict() async throws {
    let connector = ScriptedConnector(
      [.prefill: 5, .decode: 5], failures: .init(applying: [.conflict("another writer")]))
    #expect(try await run(connector).status == .applied)
    #expect(counted == "failed@6005 applied@6005")
  }

  @Test("a decision that an earlier invocation left pending, as it is settled")
  func pending() async throws {
    let connector = ScriptedConnector([.prefill: 5, .decode: 5])
    _ = try await run(connector)
    store.content.withLock { content in
      content.decisions[0].status = "pending"
      content.parts[.metrics] = nil
    }
    #expect(try await run(connector, at: 6065).status == .unchanged)
    #expect(counted == "applied@6005 unchanged@6065")
  }

  @Test("an error, and the lease is given back all the same")
  func errors() async throws {
    let connector = ScriptedConnector(
      [.prefill: 5, .decode: 5], failures: .init(observing: .unreachable("down")))
    await #expect(throws: ConnectorError.unreachable("down")) { try await run(connector) }
    #expect(counted == "error")
    #expect(store.content.withLock { $0.leaseOwner } == nil)
    let refused = ScriptedLease(refusal: ConnectorError.permissionDenied("no"))
    await #expect(throws: ConnectorError.permissionDenied("no")) {
      try await run(connector, lease: refused)
    }
    #expect(counted == "error error")
    #expect(store.content.withLock { $0.leaseOwner } == nil)
  }

  @Test("nothing, when another planner is at work or the invocation is stopped")
  func notErrors() async throws {
    let leased = StateError.leased(owner: "another", until: 9000)
    let connector = ScriptedConnector([.prefill: 5, .decode: 5])
    for refusal: any Error in [leased, CancellationError()] {
      await #expect(throws: (any Error).self) {
        try await run(connector, lease: ScriptedLease(refusal: refusal))
      }
      #expect(counted == nil)
      #expect(store.content.withLock { $0.leaseOwner } == nil)
    }
  }

  @Test("stopped while it looks again after a lost race, an invocation was stopped, not refused")
  func stoppedWhileDecidingAgain() async throws {
    let connector = StoppingConnector()
    let task = Task {
      try await Given.run(
        at: 6005, store: store, traffic: ScriptedTraffic(), connector: connector)
    }
    connector.task.withLock { $0 = task }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(store.content.withLock { $0.decisions.map(\.status) } == ["failed"])
    #expect(store.content.withLock { $0.leaseOwner } == nil)
  }
}

/// Loses the race, and has the invocation stopped in the middle of looking again.
private final class StoppingConnector: Connector {
  let task = Mutex<Task<DecisionDocument, any Error>?>(nil)
  private let looks = Mutex(0)

  func observe(at time: Double) async throws -> DeploymentStatus {
    let look = looks.withLock { count in
      count += 1
      return count
    }
    if look == 2 {
      while task.withLock({ $0?.cancel() }) == nil { await Task.yield() }
      throw ConnectorError.unreachable("cancelled")
    }
    return DeploymentStatus(components: [
      .prefill: ComponentStatus(replicas: 5, ready: 5),
      .decode: ComponentStatus(replicas: 5, ready: 5),
    ])
  }

  func apply(_ order: ScalingOrder) async throws -> ScalingOutcome {
    throw ConnectorError.conflict("another writer")
  }
}
