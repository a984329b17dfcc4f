import Connectors
import Invocation
import Planning
import Testing

@Suite("Virtual connector")
struct VirtualConnectorTests {
  /// One moment in the life of a decision.
  struct Moment: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var values: VirtualScalingValues
    var now: Double
    var blocks: Bool
    var warns: Bool
    var ready: Int?
  }

  @Test(
    "a decision keeps new ones away until it is acknowledged or has waited too long",
    arguments: [
      Moment(
        testDescription: "nothing was ever written", values: VirtualScalingValues(), now: 100,
        blocks: false, warns: false, ready: nil),
      Moment(
        testDescription: "just written",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 0, decidedAt: 100),
        now: 100, blocks: true, warns: false, ready: nil),
      Moment(
        testDescription: "a moment before the maximum wait",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 4, scaledDecisionID: 3, decidedAt: 100),
        now: 1899.9, blocks: true, warns: false, ready: nil),
      Moment(
        testDescription: "the maximum wait is over",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 4, scaledDecisionID: 3, decidedAt: 100),
        now: 1900, blocks: false, warns: true, ready: nil),
      Moment(
        testDescription: "acknowledged",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 4, scaledDecisionID: 4, decidedAt: 100),
        now: 101, blocks: false, warns: false, ready: 3),
      Moment(
        testDescription: "a later one is acknowledged",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 4, scaledDecisionID: 9, decidedAt: 100),
        now: 101, blocks: false, warns: false, ready: 3),
      Moment(
        testDescription: "dated in the future by another machine's clock",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 4, decidedAt: 5000),
        now: 100, blocks: true, warns: false, ready: nil),
      Moment(
        testDescription: "the clock is broken",
        values: VirtualScalingValues(
          prefillWorkers: 1, decodeWorkers: 3, decisionID: 4, decidedAt: 100),
        now: .infinity, blocks: false, warns: true, ready: nil),
    ])
  func waits(_ moment: Moment) async throws {
    let connector = VirtualConnector(store: InMemoryScalingStore(moment.values), mode: .disagg)
    let status = try await connector.observe(at: moment.now)
    #expect((status.readiness.waitReason != nil) == moment.blocks)
    #expect(!status.warnings.isEmpty == moment.warns)
    #expect(status.components[.decode]?.replicas == moment.values.decodeWorkers)
    #expect(status.components[.decode]?.ready == moment.ready)
    #expect(Set(status.components.keys) == [.prefill, .decode])
  }

  @Test("the reason for waiting names the decision, its counts and its age")
  func waitingSentence() async throws {
    let store = InMemoryScalingStore(
      VirtualScalingValues(prefillWorkers: 2, decodeWorkers: 4, decisionID: 7, decidedAt: 1000))
    let status = try await VirtualConnector(store: store, mode: .disagg).observe(at: 1120)
    #expect(
      status.readiness.waitReason
        == "Revision 7 (prefill 2, decode 4) was written 120 s ago and is not acknowledged yet; its client has 1800 s before anything but growth overwrites it."
    )
  }

  @Test("decisions count 0, 1, 2 and carry the time they were made")
  func counts() async throws {
    let store = InMemoryScalingStore()
    let connector = VirtualConnector(store: store, mode: .disagg)
    for id in 0..<3 {
      let time = 100.0 + Double(id)
      let status = try await connector.observe(at: time)
      let outcome = try await connector.apply(
        order([.prefill: id + 1, .decode: 5], on: status, at: time))
      #expect(outcome.applied == (id == 0 ? [.prefill, .decode] : [.prefill]))
      #expect(
        await store.values
          == VirtualScalingValues(
            prefillWorkers: id + 1, decodeWorkers: 5, decisionID: id,
            scaledDecisionID: id == 0 ? nil : id - 1, decidedAt: time))
      await store.acknowledge(id)
    }
  }

  @Test("counts that are already stored are not written again")
  func unchanged() async throws {
    let store = InMemoryScalingStore(
      VirtualScalingValues(
        prefillWorkers: 2, decodeWorkers: 3, decisionID: 0, scaledDecisionID: 0))
    let connector = VirtualConnector(store: store, mode: .disagg)
    let status = try await connector.observe(at: 0)
    let outcome = try await connector.apply(order([.prefill: 2, .decode: 3], on: status, at: 0))
    #expect(outcome.applied.isEmpty && outcome.failed.isEmpty)
    #expect(await store.writes == 0)
  }

  @Test(
    "only the mode's components are read and written",
    arguments: [
      (DeploymentMode.prefill, [Component.prefill]), (.decode, [.decode]), (.agg, [.decode]),
    ])
  func partialModes(_ mode: DeploymentMode, _ components: [Component]) async throws {
    let store = InMemoryScalingStore()
    let connector = VirtualConnector(store: store, mode: mode)
    let status = try await connector.observe(at: 0)
    #expect(Array(status.components.keys) == components)
    let outcome = try await connector.apply(order([.prefill: 4, .decode: 6], on: status, at: 0))
    #expect(outcome.applied == components)
    let values = await store.values
    #expect(values.prefillWorkers == (mode == .prefill ? 4 : nil))
    #expect(values.decodeWorkers == (mode == .prefill ? nil : 6))
    #expect(values.decisionID == 0)
  }

  @Test("numbers go on above an acknowledgement that outlived its decision")
  func acknowledgementWithoutDecision() async throws {
    let store = InMemoryScalingStore(VirtualScalingValues(scaledDecisionID: 41))
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 0)
    _ = try await connector.apply(order([.decode: 2], on: status, at: 0))
    #expect(await store.values.decisionID == 42)
    #expect(await store.values.isAcknowledged == false)
  }

  @Test("a decision without a date is dated when it is first seen, except in a dry run")
  func undatedDecision() async throws {
    let undated = VirtualScalingValues(decodeWorkers: 2, decisionID: 5)
    let store = InMemoryScalingStore(undated)
    let dryRun = VirtualConnector(store: store, mode: .decode, datesUndatedDecisions: false)
    #expect(
      try await dryRun.observe(at: 100).readiness.waitReason?.contains("unknown time") == true)
    #expect(try await dryRun.observe(at: 1e9).readiness.waitReason != nil)
    #expect(await store.values == undated)

    let connector = VirtualConnector(store: store, mode: .decode)
    #expect(try await connector.observe(at: 100).readiness.waitReason?.contains("0 s ago") == true)
    #expect(await store.values.decidedAt == 100)
    #expect(try await connector.observe(at: 1900).readiness.waitReason == nil)
  }

  @Test("a second writer makes the order a conflict and keeps its counts")
  func secondWriter() async throws {
    let store = InMemoryScalingStore()
    let first = VirtualConnector(store: store, mode: .decode)
    let second = VirtualConnector(store: store, mode: .decode)
    let seen = try await first.observe(at: 0)
    let alsoSeen = try await second.observe(at: 0)
    _ = try await second.apply(order([.decode: 9], on: alsoSeen, at: 0))
    await expectRefusal(.conflict) {
      try await first.apply(order([.decode: 2], on: seen, at: 0))
    }
    #expect(await store.values.decodeWorkers == 9)
    // Without having observed again, it reads for itself and still refuses.
    await expectRefusal(.conflict) {
      try await first.apply(order([.decode: 2], on: seen, at: 0))
    }
  }

  @Test("an order on a decision that is still in progress is refused")
  func orderTooEarly() async throws {
    let store = InMemoryScalingStore(
      VirtualScalingValues(decodeWorkers: 3, decisionID: 0, decidedAt: 0))
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 10)
    await expectRefusal(.conflict) {
      try await connector.apply(order([.decode: 2], on: status, at: 10))
    }
    #expect(await store.writes == 0)
  }

  @Test("more may be asked for before an order is acknowledged, on the same clock")
  func growthInProgress() async throws {
    let store = InMemoryScalingStore(
      VirtualScalingValues(decodeWorkers: 3, decisionID: 0, decidedAt: 0))
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 10)
    guard case .growthOnly = status.readiness else {
      Issue.record("\(status.readiness)")
      return
    }
    _ = try await connector.apply(order([.decode: 5], on: status, at: 10))
    #expect(await store.values.decodeWorkers == 5)
    #expect(await store.values.decisionID == 1)
    // Its client has done nothing since 0.
    #expect(await store.values.decidedAt == 0)
    #expect(try await connector.observe(at: 1800).readiness == .ready)
  }

  @Test("counts below 0 and numbers that have run out are named, not written")
  func impossibleOrders() async throws {
    let store = InMemoryScalingStore(
      VirtualScalingValues(decodeWorkers: 1, decisionID: .max, scaledDecisionID: .max))
    let connector = VirtualConnector(store: store, mode: .decode)
    let status = try await connector.observe(at: 0)
    await expectRefusal(.misconfigured) {
      try await connector.apply(order([.decode: 2], on: status, at: 0))
    }
    let fresh = VirtualConnector(store: InMemoryScalingStore(), mode: .decode)
    let nothing = try await fresh.observe(at: 0)
    await expectRefusal(.misconfigured) {
      try await fresh.apply(order([.decode: -1], on: nothing, at: 0))
    }
  }
}
