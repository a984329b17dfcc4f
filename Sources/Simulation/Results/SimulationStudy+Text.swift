import Invocation
import Presentation

extension SimulationStudy {
  /// The means and spreads as tables for people, one a traffic.
  public var text: String {
    let names = summary.reduce(into: [String]()) { names, row in
      if names.last != row.traffic { names.append(row.traffic) }
    }
    return names.map { name in
      ([heading(name)] + table(summary.filter { $0.traffic == name })).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private func heading(_ name: String) -> String {
    let own = name == Self.everything ? cases : cases.filter { $0.traffic == name }
    let seeds = Set(own.map(\.seed)).count
    let requests = own.reduce(0) { $0 + $1.report.trace.requests } / max(1, seeds)
    return "\(name): \(requests) requests, \(seeds) seed\(seeds == 1 ? "" : "s"), mean ± deviation"
  }

  private func table(_ rows: [Row]) -> [String] {
    let cells = rows.map { row in
      [
        row.policy, number(row.attainment, 2, times: 100), least(row.attainment),
        number(row.gpuHours, 1), number(row.overOracle, 3),
        (row.boundsOnly > 0 ? "(\(row.boundsOnly) outside) " : "") + number(row.overReactive, 3),
        number(row.changesPerHour, 1),
      ]
    }
    let header = [
      "policy", "SLA %", "least", "GPU-hours", "× oracle", "× reactive", "changes/h",
    ]
    return TextTable.lines([header] + cells, leftAligned: [0])
  }

  private func number(_ spread: Spread?, _ digits: Int, times factor: Double = 1) -> String {
    guard let spread else { return "–" }
    let mean = Numbers.fixed(spread.mean * factor, digits)
    guard let deviation = spread.deviation else { return mean }
    return "\(mean) ± \(Numbers.fixed(deviation * factor, digits))"
  }

  private func least(_ spread: Spread?) -> String {
    spread.map { Numbers.fixed($0.least * 100, 2) } ?? "–"
  }
}
