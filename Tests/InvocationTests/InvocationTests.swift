import Forecasting
import Planning
import Testing

@testable import Invocation

@Suite("One invocation")
struct InvocationTests {
  let store = MemoryStore()
  let traffic = ScriptedTraffic()
  let connector = ScriptedConnector([.prefill: 5, .decode: 5])

  @Test("decides, applies and saves")
  func decidesAppliesAndSaves() async throws {
    let document = try await Given.run(
      at: 6005, store: store, traffic: traffic, connector: connector)
    #expect(document.status == .applied)
    #expect(document.id == 1)
    #expect(document.observed?.intervalEnd == "1970-01-01T01:40:00Z")
    #expect(connector.replicas.withLock { $0 } == document.components.compactMapValues(\.final))
    store.content.withLock {
      #expect($0.decisions.map(\.status) == ["applied"])
      #expect($0.observations.count == 10)
      #expect($0.leaseOwner == nil)
    }
  }

  // Departure 31: the original begins anew at every restart.
  @Test("an interval is read once however often an invocation runs in it")
  func intervalIsReadOnceHoweverOftenAnInvocationRuns() async throws {
    for time in [6005.0, 6030, 6059] {
      _ = try await Given.run(at: time, store: store, traffic: traffic, connector: connector)
    }
    #expect(traffic.windows.withLock { $0.count } == 1)
    #expect(store.content.withLock { $0.observations.count } == 10)
    let again = try await Given.run(at: 6059, store: store, traffic: traffic, connector: connector)
    #expect(again.observed?.requestCount == 600)
    #expect(again.status == .unchanged)
  }

  @Test("missed intervals are caught up with, oldest first, up to the limit")
  func missedIntervalsAreCaughtUp() async throws {
    _ = try await Given.run(at: 6005, store: store, traffic: traffic, connector: connector)
    _ = try await Given.run(at: 6245, store: store, traffic: traffic, connector: connector)
    _ = try await Given.run(at: 60_005, store: store, traffic: traffic, connector: connector)
    #expect(
      traffic.windows.withLock { $0 } == [
        TrafficWindow(firstIntervalEnd: 5460, lastIntervalEnd: 6000, intervalSeconds: 60),
        TrafficWindow(firstIntervalEnd: 6060, lastIntervalEnd: 6240, intervalSeconds: 60),
        TrafficWindow(firstIntervalEnd: 59_460, lastIntervalEnd: 60_000, intervalSeconds: 60),
      ])
  }

  @Test("an interval that was unknown is asked for again")
  func intervalThatWasUnknownIsAsked() async throws {
    let dark = ScriptedTraffic { .unknown(intervalEnd: $0, reason: "down") }
    let held = try await Given.run(at: 6005, store: store, traffic: dark, connector: connector)
    #expect(held.status == .held)
    _ = try await Given.run(at: 6065, store: store, traffic: traffic, connector: connector)
    #expect(traffic.windows.withLock { $0.first?.firstIntervalEnd } == 5520)
  }

  @Test("what was learned is saved even when the deployment can't be read")
  func whatWasLearnedIsSavedEven() async throws {
    let unreachable = ScriptedConnector(
      [:], failures: .init(observing: .unreachable("connection refused")))
    await #expect(throws: ConnectorError.unreachable("connection refused")) {
      try await Given.run(at: 6005, store: store, traffic: traffic, connector: unreachable)
    }
    store.content.withLock {
      #expect($0.observations.count == 10)
      #expect($0.parts[.predictors] != nil)
      #expect($0.decisions.isEmpty)
      #expect($0.leaseOwner == nil)
    }
  }

  @Test("what was learned is saved even when applying fails")
  func whatWasLearnedIsSavedEvenWhenApplyingFails() async throws {
    let failing = ScriptedConnector(
      [.prefill: 5, .decode: 5], failures: .init(applying: [.unreachable("gone")]))
    let document = try await Given.run(
      at: 6005, store: store, traffic: traffic, connector: failing)
    #expect(document.status == .failed)
    #expect(document.error == "gone")
    #expect(store.content.withLock { $0.observations.count } == 10)
    let next = try await Given.run(at: 6030, store: store, traffic: traffic, connector: failing)
    #expect(next.status == .applied)
  }

  @Test("another writer in between means deciding once more")
  func anotherWriterInBetweenMeansDecidingOnceMore() async throws {
    let contested = ScriptedConnector(
      [.prefill: 5, .decode: 5], failures: .init(applying: [.conflict("changed meanwhile")]))
    let document = try await Given.run(
      at: 6005, store: store, traffic: traffic, connector: contested)
    #expect(document.status == .applied)
    #expect(document.id == 2)
    #expect(store.content.withLock { $0.decisions.map(\.status) } == ["failed", "applied"])
    #expect(store.content.withLock { $0.observations.count } == 10)
  }

  @Test("a second conflict is reported, not tried for ever")
  func secondConflictIsReported() async throws {
    let contested = ScriptedConnector(
      [.prefill: 5, .decode: 5],
      failures: .init(applying: [.conflict("first"), .conflict("second"), .conflict("third")]))
    let document = try await Given.run(
      at: 6005, store: store, traffic: traffic, connector: contested)
    #expect(document.status == .failed)
    #expect(document.error == "second")
  }

  @Test("a dry run changes nothing but remembers what it would have done")
  func dryRunChangesNothing() async throws {
    let document = try await Given.run(
      Given.settings(isDryRun: true), at: 6005, store: store, traffic: traffic,
      connector: connector)
    #expect(document.status == .dryRun)
    #expect(connector.orders.withLock { $0.isEmpty })
    #expect(store.content.withLock { $0.decisions.map(\.status) } == ["dry-run"])
  }

  @Test("what is only published is sent nowhere, and saved as such")
  func publishedIsSentNowhere() async throws {
    let document = try await Given.run(
      Given.settings(onlyPublishes: true), at: 6005, store: store, traffic: traffic,
      connector: connector)
    #expect(document.status == .published)
    #expect(connector.orders.withLock { $0.isEmpty })
    #expect(store.content.withLock { $0.decisions.map(\.status) } == ["published"])
    let dry = try await Given.run(
      Given.settings(isDryRun: true, onlyPublishes: true), at: 6010, store: store,
      traffic: traffic, connector: connector)
    #expect(dry.status == .dryRun)
  }

  @Test("a decision left pending is settled by what the deployment asks for")
  func decisionLeftPendingIsSettled() async throws {
    _ = try await Given.run(at: 6005, store: store, traffic: traffic, connector: connector)
    store.content.withLock { $0.decisions[0].status = "pending" }
    _ = try await Given.run(at: 6030, store: store, traffic: traffic, connector: connector)
    #expect(store.content.withLock { $0.decisions.map(\.status) } == ["applied", "unchanged"])

    store.content.withLock { $0.decisions[1].status = "pending" }
    connector.replicas.withLock { $0 = [.prefill: 9, .decode: 9] }
    _ = try await Given.run(at: 6050, store: store, traffic: traffic, connector: connector)
    store.content.withLock {
      #expect($0.decisions[1].status == "failed")
      #expect($0.decisions[1].error?.contains("before the decision was applied") == true)
    }
  }

  @Test("other predictor settings start again from the stored observations")
  func otherPredictorSettingsStartAgain() async throws {
    _ = try await Given.run(at: 6005, store: store, traffic: traffic, connector: connector)
    var settings = Given.settings()
    settings.planner.predictor.kind = .kalman
    let document = try await Given.run(
      settings, at: 6030, store: store, traffic: traffic, connector: connector)
    #expect(document.forecast?.predictor == "kalman")
    #expect(document.forecast.map { abs($0.requestCount - 600) < 1 } == true)
    #expect(traffic.windows.withLock { $0.count } == 1)
  }

  @Test("a state that can't be read is an error, not a fresh start")
  func stateThatCantBeReadIsAnError() async throws {
    store.content.withLock { $0.parts[.load] = "{\"surprise\": true}" }
    await #expect(throws: StateError.self) {
      try await Given.run(at: 6005, store: store, traffic: traffic, connector: connector)
    }
    #expect(store.content.withLock { $0.parts[.load] } == "{\"surprise\": true}")
  }

  @Test("a cancelled invocation leaves everything as it was")
  func cancelledInvocationLeavesEverything() async throws {
    let slow = ScriptedTraffic { end in
      withUnsafeCurrentTask { $0?.cancel() }
      return .unknown(intervalEnd: end, reason: "stopped")
    }
    let (store, connector) = (store, connector)
    let task = Task {
      try await Given.run(at: 6005, store: store, traffic: slow, connector: connector)
    }
    await #expect(throws: CancellationError.self) {
      _ = try await withTaskCancellationHandler {
        task.cancel()
        return try await task.value
      } onCancel: {
      }
    }
    store.content.withLock {
      #expect($0.observations.isEmpty && $0.decisions.isEmpty && $0.leaseOwner == nil)
    }
  }
}
