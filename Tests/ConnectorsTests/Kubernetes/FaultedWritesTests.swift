import Connectors
import Foundation
import HTTPTransport
import Invocation
import Planning
import Synchronization
import TestSupport
import Testing

/// Orders to a stand-in API server inside the process that stumbles, restarts, and has other
/// writers and owners in every place between two requests.
@Suite("Faulted writes")
struct FaultedWritesTests {
  /// The server, and what happens before or instead of each request.
  private final class FaultyServer: HTTPClient {
    struct State: Sendable {
      var cluster: ClusterState
      var random: SeededRandom
      /// Shares of requests with a fault.
      var isCalm = true
    }

    let state: Mutex<State>

    init(seed: UInt64) {
      var cluster = ClusterState(version: "v1beta1", namespace: "serving")
      cluster.tokens = []
      cluster.served = ServedKind.usual
      for name in ["fill", "chat"] {
        cluster.add("deployments", name, Workloads.deployment(name))
      }
      state = Mutex(State(cluster: cluster, random: SeededRandom(seed: seed)))
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
      let result = state.withLock { state in Result { try Self.answer(request, &state) } }
      switch result {
      case .success(let response): return response
      case .failure: throw .failed(request: "\(request.method) \(request.url)", reason: "hung up")
      }
    }

    private struct HungUp: Error {}

    private static func answer(_ request: HTTPRequest, _ state: inout State) throws -> HTTPResponse
    {
      let chance = state.isCalm ? 1 : Double.random(in: 0..<1, using: &state.random)
      switch chance {
      case ..<0.03: throw HungUp()
      case ..<0.06: return HTTPResponse(status: 500, body: Array("stumbled".utf8))
      case ..<0.09: state.cluster.coldRequests = Int.random(in: 1...3, using: &state.random)
      case ..<0.15: interfere(&state)
      default: break
      }
      let target = String(request.url.dropFirst("https://cluster".count))
      let answer = state.cluster.handle(
        StandInServer.Request(
          method: request.method, target: target,
          headers: request.headers.map { ($0.name, $0.value) }, body: request.body ?? []))
      // It was done, and nobody heard of it.
      if (0.15..<0.18).contains(chance) { throw HungUp() }
      guard case .proper(let status, let headers, let body) = answer else { throw HungUp() }
      return HTTPResponse(
        status: status, headers: headers.map { HTTPHeader($0.0, $0.1) }, body: body)
    }

    /// Somebody else does something to a target.
    private static func interfere(_ state: inout State) {
      let name = ["fill", "chat"].randomElement(using: &state.random) ?? "chat"
      let path = state.cluster.path("deployments", name)
      let number = JSON.number(Double(Int.random(in: 0...20, using: &state.random)))
      switch Int.random(in: 0..<5, using: &state.random) {
      case 0: state.cluster.change(path) { $0[path: "spec/replicas"] = number }
      case 1: state.cluster.change(path) { $0[path: "spec/template/metadata/labels/v"] = number }
      case 2:
        // An autoscaler appears, and writes at once.
        state.cluster.add(
          "horizontalpodautoscalers", "hpa-\(name)",
          ["spec": ["scaleTargetRef": ["kind": "Deployment", "name": .string(name)]]])
        state.cluster.change(path) {
          $0[path: "spec/replicas"] = number
          $0[path: "metadata/managedFields"] = [
            [
              "manager": "kube-controller-manager", "subresource": "scale",
              "fieldsV1": ["f:spec": ["f:replicas": [:]]],
            ]
          ]
        }
      case 3:
        state.cluster.add(
          "deployments", name,
          Workloads.deployment(name).with([("metadata/uid", .string("new-\(number.text)"))]))
      default:
        state.cluster.change(path) {
          $0[path: "status/beat"] = $0[path: "metadata/resourceVersion"]
        }
      }
    }

    /// Everything as it was, with no owner.
    func settle() {
      state.withLock { state in
        state.isCalm = true
        state.cluster.coldRequests = 0
        for name in ["fill", "chat"] {
          let path = state.cluster.path("horizontalpodautoscalers", "hpa-\(name)")
          state.cluster.objects[path] = nil
          state.cluster.change(state.cluster.path("deployments", name)) {
            $0[path: "metadata/managedFields"] = nil
          }
          state.cluster.operate("deployments", name)
        }
        state.cluster.scaleWrites = []
        // Events would only pile up.
        state.cluster.objects = state.cluster.objects.filter { !$0.key.contains("/events/") }
      }
    }

    func replicas(_ name: String) -> Int? {
      state.withLock {
        $0.cluster.objects[$0.cluster.path("deployments", name)]?[path: "spec/replicas"]?.int
      }
    }
  }

  /// What came of all orders of one run.
  private struct Tally: CustomStringConvertible {
    var orders = 0
    var applied = 0
    var refused = 0
    var toOwned = 0
    var doubled = 0
    var overwritten = 0
    var lost = 0

    var description: String {
      "\(orders) orders: \(applied) changes applied, \(refused) refused; \(toOwned) to owned targets, \(doubled) doubled, \(overwritten) over another's number, \(lost) lost"
    }
  }

  /// 500 orders here; all 10,000 with `SLA_PLANNER_FAULTED_WRITES=10000`, which takes some minutes.
  private static let orders =
    ProcessInfo.processInfo.environment["SLA_PLANNER_FAULTED_WRITES"].flatMap(Int.init) ?? 500

  @Test("no order reaches an owned target, is doubled, overwrites another's number, or is lost")
  func campaign() async throws {
    let server = FaultyServer(seed: 16)
    var tally = Tally()
    let api = KubernetesAPI(
      access: KubernetesAccess(server: "https://cluster", http: .init(), namespace: "serving"),
      client: server, pause: { _ in })
    let connector = try ScaleConnector(
      api: api,
      settings: .init(targets: [
        .prefill: ScaleTarget(kind: "deployment", name: "fill"),
        .decode: ScaleTarget(kind: "deployment", name: "chat"),
      ]))
    let names: [Component: String] = [.prefill: "fill", .decode: "chat"]
    for number in 0..<Self.orders {
      server.settle()
      let status = try await connector.observe(at: Double(number))
      let more = 1 + number % 7
      let targets = status.components.mapValues { component -> Int in
        ((component.replicas ?? 0) + more) % 20
      }
      let wanted = order(targets, on: status, at: Double(number))
      server.state.withLock { $0.isCalm = false }
      var confirmed: [Component] = []
      do {
        try await connector.checkRights(for: wanted)
        confirmed = try await connector.apply(wanted).applied
      } catch is ConnectorError {
        tally.refused += 1
      }
      tally.orders += 1
      tally.applied += confirmed.count
      let writes = server.state.withLock { $0.cluster.scaleWrites }
      for (component, name) in names {
        let ours = writes.filter { $0.name == name }
        tally.toOwned += ours.count { $0.isOwned && $0.from != $0.to }
        tally.doubled += max(0, ours.count { $0.from != $0.to } - 1)
        tally.overwritten += ours.count {
          $0.from != $0.to && $0.from != status.components[component]?.replicas
        }
        // What is confirmed was written, or was there already.
        if confirmed.contains(component) {
          let isThere = ours.contains { $0.to == targets[component] }
          tally.lost += isThere || server.replicas(name) == targets[component] ? 0 : 1
        }
      }
    }
    #expect(tally.toOwned == 0 && tally.doubled == 0, "\(tally)")
    #expect(tally.overwritten == 0 && tally.lost == 0, "\(tally)")
    #expect(tally.applied > Self.orders / 2 && tally.refused > Self.orders / 20, "\(tally)")
    print("Faulted writes: \(tally)")
  }
}
