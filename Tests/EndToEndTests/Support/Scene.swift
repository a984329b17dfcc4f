import Foundation
import Invocation
import Synchronization
import TestSupport
import Testing

/// One deployment in the virtual environment: its planner, its state file and the client that
/// carries out its decisions.
struct Scene: Sendable {
  /// Where the virtual connector's values are.
  enum Backend: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case embedded, etcd
    var testDescription: String { rawValue }
  }

  private static let count = Atomic(0)

  let backend: Backend
  let namespace: String
  let folder: TemporaryFolder
  /// The planner as its schedule would run it; `run(_:)` adds the time.
  var planner: Planner

  /// Throughput-based scaling on the traffic of ``KnownTraffic/wave``, with the last value as the
  /// forecast, so that the decisions can be worked out by hand.
  init(_ backend: Backend = .embedded, namespace: String? = nil) throws {
    let servers = try Servers.current()
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    self.backend = backend
    self.namespace = namespace ?? "scene-\(number)"
    folder = try TemporaryFolder()
    planner = Planner(
      flags: [
        "environment": "virtual", "namespace": self.namespace,
        "profile-results-dir": Fixture.url(KnownTraffic.profile).path,
        "state": folder.file("planner.sqlite"),
        "prometheus-endpoint": servers.prometheus.endpoint, "model-name": KnownTraffic.wave,
        "load-predictor": "constant", "sizing": "capacity", "no-correction": "",
        "itl": "\(KnownTraffic.itlTarget)",
        "max-gpu-budget": "-1", "catch-up-intervals": "5", "output": "json",
      ],
      directory: folder.path)
    if backend == .etcd { planner.environment["ETCD_ENDPOINTS"] = servers.etcd.endpoint }
  }

  /// A scene that begins with what another one's state file holds.
  init(copying other: Scene) throws {
    try self.init(.embedded, namespace: other.namespace)
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: other.folder.path)
    where name.hasPrefix("planner.sqlite") {
      try files.copyItem(atPath: other.folder.file(name), toPath: folder.file(name))
    }
    planner.flags = other.planner.flags
    planner.flags["state"] = folder.file("planner.sqlite")
    planner.environment = other.planner.environment
  }

  var state: StateFile { StateFile(path: folder.file("planner.sqlite"), deployment: namespace) }

  /// The planner half a minute after the end of an interval, or `seconds` after it.
  func planner(after interval: Int, seconds: Int = 30) -> Planner {
    planner.with(["now": "\(TrafficHistory.end(interval) + seconds)"])
  }

  /// Runs the planner half a minute after the end of an interval, or `seconds` after it.
  func run(after interval: Int, seconds: Int = 30) async throws -> PlannerRun {
    try await planner(after: interval, seconds: seconds).run()
  }

  /// What the client sees.
  func scaling() async throws -> VirtualScalingValues {
    guard backend == .etcd else { return try await state.scaling() }
    let keys = try await Servers.current().etcd.keys(of: namespace)
    func number(_ key: String) throws -> Int? {
      try keys[key].map { try #require(Int($0), "\(key) is '\($0)'") }
    }
    return VirtualScalingValues(
      prefillWorkers: try number("num_prefill_workers"),
      decodeWorkers: try number("num_decode_workers"), decisionID: try number("decision_id"),
      scaledDecisionID: try number("scaled_decision_id"),
      decidedAt: try number("decided_at").map(Double.init))
  }

  /// The client carries out the last decision, if there is one.
  func acknowledge() async throws {
    guard let id = try await scaling().decisionID else { return }
    switch backend {
    case .embedded: try await state.acknowledgeScaling()
    case .etcd:
      try await Servers.current().etcd.put([("scaled_decision_id", "\(id)")], of: namespace)
    }
  }
}
