import Foundation
import TestSupport
import Testing
import Yams

/// The Helm chart, rendered by Helm's own engine (`scripts/helm`).
enum Chart {
  /// What Helm makes of a release in the namespace `serving`.
  static func objects(_ values: [String: Any], release: String = "sla-planner") async throws
    -> [Node]
  {
    let outcome = try await render(values, release: release)
    guard outcome.exit == .code(0) else { throw Refusal(reason: outcome.errorOutput) }
    return Array(try Yams.compose_all(yaml: outcome.output)).filter { $0["kind"] != nil }
  }

  /// The rendered text, or the reason on stderr.
  static func render(
    _ values: [String: Any], release: String = "sla-planner"
  ) async throws -> ChildProcess.Outcome {
    try await ChildProcess.run(
      Manifests.path("scripts/helm"), ["template", release, try json(values)])
  }

  /// Runs `helm lint`.
  static func lint(_ values: [String: Any]) async throws -> ChildProcess.Outcome {
    try await ChildProcess.run(Manifests.path("scripts/helm"), ["lint", try json(values)])
  }

  private static func json(_ values: [String: Any]) throws -> String {
    let all = ["deployment": "chat"].merging(values) { $1 }
    return String(decoding: try JSONSerialization.data(withJSONObject: all), as: UTF8.self)
  }

  struct Refusal: Error, CustomStringConvertible {
    let reason: String
    var description: String { "Helm refuses: \(reason)" }
  }

  /// The profile of `k8s/base`, as `--set-file` hands it over.
  static func profile() throws -> [String: Any] {
    [
      "prefill": try Manifests.text("k8s/base/profile/prefill_raw_data.json"),
      "decode": try Manifests.text("k8s/base/profile/decode_raw_data.json"),
    ]
  }
}

/// An object as a set of lines "path = value", so that two of them can be held against each other
/// and the difference reads as what it is.
struct FlatObject {
  let lines: Set<String>

  /// - Parameters:
  ///   - rename: what a name is to be read as.
  ///   - ignored: paths that are left out, with all that stands below them.
  init(_ node: Node, ignoring ignored: [String] = [], rename: (String) -> String = { $0 }) {
    var lines: Set<String> = []
    func walk(_ node: Node, _ path: String) {
      guard !ignored.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) else { return }
      if let mapping = node.mapping {
        for (key, value) in mapping { walk(value, "\(path).\(key.string ?? "?")") }
      } else if let sequence = node.sequence {
        for (index, value) in sequence.enumerated() { walk(value, "\(path).\(index)") }
      } else {
        lines.insert("\(path) = \(rename(node.scalar?.string ?? ""))")
      }
    }
    walk(node, "")
    self.lines = lines
  }
}
