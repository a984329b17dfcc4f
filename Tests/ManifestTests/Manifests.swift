import Foundation
import Synchronization
import TestSupport
import Testing
import Yams

/// The manifests of the repository.
enum Manifests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Everything that `kubectl apply -k` is meant for.
  static let sets = ["k8s"] + overlays.map { "k8s/overlays/\($0)" }
  static let overlays = [
    "aggregated", "both", "deployment", "dry-run", "load-only", "suspended", "throughput-only",
  ]
  static let deployments = ["agg", "disagg"].flatMap { kind in
    ["v1alpha1", "v1beta1"].map { "examples/\(kind)-\($0).yaml" }
  }

  /// What makes KEDA and HPAs apply what the planner publishes.
  static let autoscalers = ["hpa/hpa", "keda/scaledobject"].flatMap { file in
    ["prefill", "decode"].map { "examples/\(file)-\($0).yaml" }
  }

  static func path(_ file: String) -> String { root.appendingPathComponent(file).path }

  static func text(_ file: String) throws -> String {
    try String(contentsOfFile: path(file), encoding: .utf8)
  }

  /// Runs kubectl, which must succeed; it has no cluster and no configuration to find one.
  static func kubectl(_ arguments: [String], input: String = "") async throws -> String {
    var environment = ProcessInfo.processInfo.environment
    environment["KUBECONFIG"] = "/dev/null"
    let outcome = try await ChildProcess.run(
      "kubectl", arguments, environment: environment, input: input)
    guard outcome.exit == .code(0) else { throw Failure(reason: outcome.errorOutput) }
    return outcome.output
  }

  struct Failure: Error, CustomStringConvertible {
    let reason: String
    var description: String { "kubectl failed: \(reason)" }
  }

  /// What `kubectl kustomize` makes of each set; asked once.
  private static let built = Mutex<[String: Task<String, any Error>]>([:])

  /// The objects that a set consists of.
  static func objects(_ set: String) async throws -> [Node] {
    let build = built.withLock { built in
      let task = built[set] ?? Task { try await kubectl(["kustomize", path(set)]) }
      built[set] = task
      return task
    }
    return Array(try Yams.compose_all(yaml: try await build.value))
  }

  /// The only object of a kind in a set.
  static func object(_ kind: String, in set: String) async throws -> Node {
    let found = try await objects(set).filter { $0["kind"]?.string == kind }
    try #require(found.count == 1, "\(kind) in \(set)")
    return found[0]
  }

  /// What starts the planner in a set: its CronJob or its Deployment.
  static func workload(in set: String) async throws -> Node {
    try await object(hasDeployment(set) ? "Deployment" : "CronJob", in: set)
  }

  /// The pod that a set's workload starts.
  static func podSpec(_ set: String) async throws -> Node {
    try #require(try await workload(in: set).podSpec)
  }

  /// Whether a set has a Deployment in the place of the CronJob.
  static func hasDeployment(_ set: String) -> Bool { set.hasSuffix("/deployment") }
}

extension Node {
  /// The pod of a CronJob or a Deployment; nil of anything else.
  var podSpec: Node? {
    switch self["kind"]?.string {
    case "CronJob": at("spec jobTemplate spec template spec")
    case "Deployment": at("spec template spec")
    default: nil
    }
  }

  /// The node at keys and indices, separated by blanks.
  func at(_ path: String) -> Node? {
    path.split(separator: " ").reduce(self as Node?) { node, step in
      if let index = Int(step), let sequence = node?.sequence {
        return sequence.indices.contains(index) ? sequence[index] : nil
      }
      return node?[String(step)]
    }
  }

  /// The texts of a list.
  var strings: [String] { sequence?.compactMap(\.string) ?? [] }
}
