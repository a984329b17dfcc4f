import Invocation
import Presentation

/// Several policies on the same traffic.
public struct PolicyComparison: Sendable {
  /// One result a policy, in the order they were asked for.
  public let results: [SimulationResult]
  /// What a rule without a forecast would have cost; nil where nobody asked.
  public let frontier: ReactiveFrontier?

  /// Collects results.
  public init(_ results: [SimulationResult], frontier: ReactiveFrontier? = nil) {
    self.results = results
    self.frontier = frontier
  }

  /// A policy's GPU-hours over those of the oracle in the comparison; nil without one.
  public func oracleRatio(of result: SimulationResult) -> Double? {
    guard let oracle = results.first(where: Self.isOracle), oracle.traceGPUHours > 0 else {
      return nil
    }
    return result.traceGPUHours / oracle.traceGPUHours
  }

  /// Whether a policy knows what is to come: no planner can do as well, so it is a yardstick and
  /// no choice.
  static func isOracle(_ result: SimulationResult) -> Bool {
    result.policy == "oracle" || result.policy.hasPrefix("oracle:")
  }

  private var choices: [Int] { results.indices.filter { !Self.isOracle(results[$0]) } }

  /// Indices of the policies that none other dominates: another one with at least the attainment
  /// for no more GPU-hours, and better in one of the two. The oracle is left out.
  public var paretoFront: [Int] {
    choices.filter { index in !choices.contains { dominates($0, index) } }
  }

  /// The policy that keeps `share` of the requests within both targets for the fewest GPU-hours;
  /// nil when none does. The oracle is left out.
  public func cheapest(keeping share: Double) -> Int? {
    choices.filter { results[$0].total.attainment.map { $0 >= share } ?? false }
      .min { results[$0].total.gpuHours < results[$1].total.gpuHours }
  }

  /// The answer in a sentence: which policy to take where `share` of the requests are to be within
  /// both targets.
  public func answer(keeping share: Double) -> String {
    let asked = Numbers.percent(share)
    func told(_ index: Int) -> String {
      let total = results[index].total
      return
        "\(results[index].policy), with \(percent(total.attainment)) % for \(decimal(total.gpuHours, 1)) GPU-hours"
    }
    if let index = cheapest(keeping: share) {
      return "The cheapest that keeps \(asked) of the requests within both targets: \(told(index))."
    }
    let best = choices.max {
      (results[$0].total.attainment ?? 0) < (results[$1].total.attainment ?? 0)
    }
    return
      "None keeps \(asked) of the requests within both targets\(best.map { "; nearest is \(told($0))" } ?? "")."
  }

  private func dominates(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (results[left].total, results[right].total)
    guard let better = a.attainment, let worse = b.attainment else { return false }
    return better >= worse && a.gpuHours <= b.gpuHours
      && (better > worse || a.gpuHours < b.gpuHours)
  }

  /// The comparison as a table for people, the policies that none other dominates marked with `*`.
  public var table: String {
    let front = Set(paretoFront)
    let marked = zip(results.indices, rows).map { [front.contains($0) ? "*" : ""] + $1 }
    let header = Self.header + yardstickHeader
    return TextTable.lines([[""] + header] + marked, leftAligned: [0, 1])
      .joined(separator: "\n")
  }

  private static let header = [
    "policy", "SLA %", "TTFT %", "ITL %", "TTFT p50", "p99 ms", "ITL p50", "p99 ms",
    "GPU-hours", "changes/h", "good req/s",
  ]

  /// The headings of the columns that ``rows`` end with where there is a yardstick.
  package var yardstickHeader: [String] {
    frontier == nil ? [] : ["× oracle", "× reactive"]
  }

  private func yardsticks(_ result: SimulationResult) -> [String] {
    guard let frontier else { return [] }
    let ratio = frontier.ratio(of: result)
    let bound = ratio.map { [.within: "", .below: "≥ ", .above: "≤ "][$0.basis] ?? "" } ?? ""
    return [decimal(oracleRatio(of: result), 3), bound + decimal(ratio?.value, 3)]
  }

  /// A row of numbers a policy, rounded for people.
  package var rows: [[String]] {
    results.map { result in
      let total = result.total
      return [
        result.policy, percent(total.attainment),
        percent(total.ttftAttainment), percent(total.itlAttainment),
        decimal(total.ttft?.p50, 0), decimal(total.ttft?.p99, 0), decimal(total.itl?.p50, 1),
        decimal(total.itl?.p99, 1), decimal(total.gpuHours, 1),
        decimal(total.seconds > 0 ? Double(total.changeCount) / total.seconds * 3600 : nil, 1),
        decimal(total.goodput, 2),
      ] + yardsticks(result)
    }
  }

  private func percent(_ share: Double?) -> String { decimal(share.map { $0 * 100 }, 2) }
  private func decimal(_ value: Double?, _ digits: Int) -> String {
    value.map { Numbers.fixed($0, digits) } ?? "–"
  }
}
