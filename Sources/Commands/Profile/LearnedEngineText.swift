import Planning
import Presentation

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What was learned of an engine, as people read it.
struct LearnedEngineText {
  let learning: EngineLearning

  init(_ learning: EngineLearning) { self.learning = learning }

  private static let names = [
    ("a", "ms of a step"), ("b", "µs per KV token in a step"), ("c", "ms per sequence in a step"),
    ("e", "ms of a prompt"), ("f", "µs per prompt token"), ("g", "ns per pair of prompt tokens"),
  ]
  private static let scales = [1, 1e3, 1, 1, 1e3, 1e6]

  /// The whole text, without a line end after the last line.
  var text: String {
    let seen = learning.observations
    let head = [
      "Engine learned from \(learning.count) stretches of traffic (\(seen.count) kept), beginning with '\(learning.prior.name)'",
      "Seen: \(range(seen.map(\.sequences))) sequences a replica, prompts of \(range(seen.map(\.promptTokens))) tokens",
      "",
    ]
    let table = TextTable.lines(
      [["", "", "before", "learned", "95 % within"]] + Self.names.indices.map(row), indent: "  ",
      gap: "   ")
    return (head + table + contradictions).joined(separator: "\n")
  }

  private func row(_ index: Int) -> [String] {
    let scale = Self.scales[index]
    let value = learning.parameters.values[index] * scale
    let spread = exp(2 * learning.deviations[index])
    return [
      Self.names[index].0, Self.names[index].1,
      Numbers.visible(learning.prior.parameters.values[index] * scale, 3),
      Numbers.visible(value, 3),
      "\(Numbers.visible(value / spread, 3))…\(Numbers.visible(value * spread, 3))",
    ]
  }

  private var contradictions: [String] {
    learning.contradictedSince.sorted { $0.key < $1.key }.map { component, since in
      let latency = component == .prefill ? "TTFT" : "ITL"
      return
        "\(latency) contradicts '\(learning.prior.name)' by more than a quarter since \(rfc3339(Double(since)))"
    }
  }

  private func range(_ values: [Double]) -> String {
    "\(Numbers.short(values.min() ?? 0, 1))…\(Numbers.short(values.max() ?? 0, 1))"
  }
}
