import Application

/// The policies that `--sweep` tries out: the planner with every combination of some options'
/// values.
struct SimulateSweep {
  /// More policies than this are a mistake: each costs a simulation.
  static let mostPolicies = 1000

  /// The policies, the last option's values changing fastest.
  ///
  /// - Parameter texts: `OPTION=VALUE,VALUE,…`, one an option.
  static func policies(_ texts: [String]) throws -> [String] {
    guard !texts.isEmpty else { return [] }
    var names: Set<String> = []
    var combinations: [[String]] = [[]]
    for text in texts {
      let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let values = (halves.count == 2 ? halves[1] : "").split(
        separator: ",", omittingEmptySubsequences: false)
      guard let name = halves.first, !name.isEmpty, !values.isEmpty,
        values.allSatisfy({ !$0.isEmpty })
      else {
        throw CommandFailure(
          .usage,
          "--sweep is an option of the planner and its values, like sla-quantile=0.9,0.95,0.99, not '\(text)'."
        )
      }
      guard names.insert(String(name)).inserted else {
        throw CommandFailure(.usage, "--sweep names '\(name)' twice; list its values in one.")
      }
      guard combinations.count * values.count <= mostPolicies else {
        throw CommandFailure(
          .usage, "--sweep makes more than \(mostPolicies) combinations; name fewer values.")
      }
      combinations = combinations.flatMap { chosen in values.map { chosen + ["\(name)=\($0)"] } }
    }
    return combinations.map { "planner:" + $0.joined(separator: ",") }
  }
}
