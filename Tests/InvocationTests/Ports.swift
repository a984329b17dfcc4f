import EngineProfiles
import Forecasting
import Foundation
import Logging
import Planning
import Synchronization
import TestSupport

@testable import Invocation

/// A state store in memory, for tests of the corridor alone.
final class MemoryStore: StateStore {
  struct Content {
    var parts: [StatePart: String] = [:]
    var observations: [StoredTraffic] = []
    var decisions: [StoredDecision] = []
    var leaseOwner: String?
  }

  let content = Mutex(Content())

  func begin(owner: String, now: Double, leaseSeconds: Double) throws -> StoredState {
    try content.withLock { content in
      if let holder = content.leaseOwner { throw StateError.leased(owner: holder, until: 0) }
      content.leaseOwner = owner
      return StoredState(
        parts: content.parts,
        lastIntervalEnd: content.observations.last?.observation.intervalEnd,
        pending: content.decisions.last { $0.status == "pending" })
    }
  }

  func observations(intervalSeconds: Int, limit: Int) throws -> [StoredTraffic] {
    content.withLock {
      Array($0.observations.filter { $0.intervalSeconds == intervalSeconds }.suffix(limit))
    }
  }

  func save(_ step: LearnedStep) throws -> Int? {
    content.withLock { content in
      content.observations += step.observations
      content.parts.merge(step.parts) { _, new in new }
      if let settled = step.settled {
        content.decisions[settled.id - 1].status = settled.status
        content.decisions[settled.id - 1].error = settled.error
      }
      if step.endsLease { content.leaseOwner = nil }
      guard var decision = step.decision else { return nil }
      decision.id = content.decisions.count + 1
      content.decisions.append(decision)
      return decision.id
    }
  }

  func settle(
    decision id: Int, status: String, document: String, error: String?,
    parts: [StatePart: String]
  ) throws {
    content.withLock { content in
      content.decisions[id - 1].status = status
      content.decisions[id - 1].document = document
      content.decisions[id - 1].error = error
      content.parts.merge(parts) { _, new in new }
    }
  }

  func end(owner: String) throws {
    content.withLock { if $0.leaseOwner == owner { $0.leaseOwner = nil } }
  }
}

/// Traffic of 600 requests in every interval that is asked for, or what a test says.
final class ScriptedTraffic: TrafficSource {
  let windows = Mutex<[TrafficWindow]>([])
  let reading: @Sendable (Int) -> TrafficReading

  init(
    _ reading: @escaping @Sendable (Int) -> TrafficReading = { end in
      .known(
        TrafficObservation(
          intervalEnd: end, requestCount: 600, isl: 3000, osl: 150, ttftMilliseconds: 80,
          itlMilliseconds: 8, requestDurationSeconds: 2))
    }
  ) {
    self.reading = reading
  }

  func readTraffic(_ window: TrafficWindow, modelName: String?) async throws -> TrafficReport {
    windows.withLock { $0.append(window) }
    return TrafficReport(readings: window.intervalEnds.map(reading))
  }
}

/// Workers as a test says.
struct ScriptedWorkers: WorkerSource {
  let report: WorkerReport

  func sampleWorkers(
    url: String, modelName: String?, count: Int, spacingSeconds: Double
  ) async throws -> WorkerReport { report }
}

/// A deployment that does what it is told, or fails as a test says.
final class ScriptedConnector: Connector {
  struct Failures {
    var observing: ConnectorError?
    var applying: [ConnectorError] = []
  }

  let replicas: Mutex<[Component: Int]>
  let orders = Mutex<[ScalingOrder]>([])
  let failures: Mutex<Failures>

  init(_ replicas: [Component: Int], failures: Failures = Failures()) {
    self.replicas = Mutex(replicas)
    self.failures = Mutex(failures)
  }

  func observe(at time: Double) async throws -> DeploymentStatus {
    if let error = failures.withLock({ $0.observing }) { throw error }
    return replicas.withLock { counts in
      DeploymentStatus(
        components: counts.mapValues { ComponentStatus(replicas: $0, ready: $0) },
        modelName: "model")
    }
  }

  func apply(_ order: ScalingOrder) async throws -> ScalingOutcome {
    orders.withLock { $0.append(order) }
    let error = failures.withLock { $0.applying.isEmpty ? nil : $0.applying.removeFirst() }
    if let error { throw error }
    replicas.withLock { $0.merge(order.targets) { _, new in new } }
    return ScalingOutcome(applied: order.targets.keys.sorted())
  }
}

enum Given {
  static func settings(
    load: Bool = false, throughput: Bool = true, isDryRun: Bool = false,
    onlyPublishes: Bool = false,
    catchUpIntervals: Int = 10
  ) -> InvocationSettings {
    InvocationSettings(
      deployment: "test",
      planner: PlannerSettings(
        policy: PlanningPolicy(
          mode: .disagg, targets: LatencyTargets(ttftMilliseconds: 200, itlMilliseconds: 20),
          gpusPerReplica: [.prefill: 1, .decode: 1],
          throughput: throughput ? ThroughputPolicy(intervalSeconds: 60) : nil,
          load: load ? LoadPolicy() : nil),
        predictor: PredictorSettings(kind: .constant, intervalSeconds: 60),
        catchUpIntervals: catchUpIntervals),
      modelName: "model", routerMetricsURL: "http://router",
      metricSamples: 1, sampleSpreadSeconds: 0, isDryRun: isDryRun,
      onlyPublishes: onlyPublishes, owner: "test/1")
  }

  static func profile() throws -> EngineProfile { try Fixture.profile() }

  static func run(
    _ settings: InvocationSettings = settings(), at time: Double, store: MemoryStore,
    traffic: (any TrafficSource)? = nil, workers: (any WorkerSource)? = nil,
    connector: any Connector, lease: (any DeploymentLease)? = nil,
    counter: (any DecisionCounter)? = nil
  ) async throws -> DecisionDocument {
    try await Invocation(
      settings: settings, profile: try profile(),
      ports: InvocationPorts(
        store: store, traffic: traffic, workers: workers, connector: connector,
        lease: lease, counter: counter, clock: FixedClock(time)),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).run()
  }
}
