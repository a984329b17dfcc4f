import Application
import Simulation

/// Traffic to simulate: where it comes from, with which seed.
struct SimulatedTraffic: Sendable {
  /// Where the requests come from.
  enum Source: Sendable {
    /// As the options say: a file, or synthetic.
    case options
    /// A scenario.
    case scenario(Scenario)
  }

  let source: Source
  /// What it is called.
  let name: String
  let seed: UInt64

  /// What is peculiar about the workers that it meets.
  var plant: Scenario.Plant {
    if case .scenario(let scenario) = source { scenario.plant } else { Scenario.Plant() }
  }

  /// Everything that the command line asks for: each scenario with each seed, in that order.
  static func all(
    _ options: SimulateTraceOptions, seed: UInt64, seeds: String?
  ) throws -> [SimulatedTraffic] {
    let seeds = try seeds.map(Self.seeds) ?? [seed]
    let scenarios = try scenarios(options.scenarios)
    guard !scenarios.isEmpty else {
      return seeds.map { SimulatedTraffic(source: .options, name: options.name, seed: $0) }
    }
    return scenarios.flatMap { scenario in
      seeds.map {
        SimulatedTraffic(source: .scenario(scenario), name: scenario.name, seed: $0)
      }
    }
  }

  private static func scenarios(_ texts: [String]) throws -> [Scenario] {
    var found: [Scenario] = []
    for name in texts.flatMap({ $0.split(separator: ",").map(String.init) }) {
      if name == "all" {
        found += Scenario.all
      } else if let scenario = Scenario.named(name) {
        found.append(scenario)
      } else {
        throw CommandFailure(
          .usage,
          "There is no scenario '\(name)'; choose from \(Scenario.all.map(\.name).joined(separator: ", ")), or all."
        )
      }
    }
    return found.reduce(into: []) { unique, scenario in
      if !unique.contains(where: { $0.name == scenario.name }) { unique.append(scenario) }
    }
  }

  /// Reads `1..5` or `1,2,7`.
  static func seeds(_ text: String) throws -> [UInt64] {
    var seeds: [UInt64] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: ".", omittingEmptySubsequences: false).filter { !$0.isEmpty }
        .map { UInt64($0) }
      let isRange = part.contains("..")
      guard let first = ends.first ?? nil, let last = ends.last ?? nil,
        ends.count == (isRange ? 2 : 1), first <= last, last - first < 1000
      else {
        throw CommandFailure(
          .usage,
          "--seeds is a list like 1,2,7 or a range like 1..5 of at most 1000 seeds, not '\(text)'.")
      }
      seeds += Array(first...last)
    }
    guard Set(seeds).count == seeds.count else {
      throw CommandFailure(.usage, "--seeds names a seed twice: '\(text)'.")
    }
    return seeds
  }
}
