import Planning
import Presentation
import Simulation

/// The plots of one policy: what there was, what became of the requests, and how long they took.
struct OutcomePlots {
  private let result: SimulationResult
  private let index: Int
  private let run: SimulationRun
  private let grid: TimeGrid

  /// - Parameter index: of the policy in its page, which keeps the plots' names apart.
  init(_ result: SimulationResult, index: Int, run: SimulationRun, grid: TimeGrid) {
    self.result = result
    self.index = index
    self.run = run
    self.grid = grid
  }

  /// The whole run in a sentence.
  static func summary(_ total: Outcome) -> String {
    func share(_ value: Double?) -> String { value.map(Numbers.percent) ?? "none" }
    var parts = [
      "\(share(total.attainment)) of the requests were within both targets (TTFT \(share(total.ttftAttainment)), ITL \(share(total.itlAttainment)))",
      "\(Numbers.grouped(total.goodput)) good requests a second",
      "\(Numbers.grouped(total.gpuHours)) GPU-hours",
      "\(total.changeCount) changes",
    ]
    if total.failedStarts > 0 { parts.append("\(total.failedStarts) failed starts") }
    if total.refused > 0 { parts.append("\(total.refused) refused") }
    if total.unfinished > 0 { parts.append("\(total.unfinished) never done") }
    return parts.joined(separator: "; ") + "."
  }

  /// Every plot.
  var html: [String] {
    let targets = run.settings.targets
    return run.settings.cluster.mode.simulatedComponents.map(replicas) + [
      gpus, requests, attainment,
      latency("ttft", "TTFT", targets.ttftMilliseconds) { $0.ttft },
      latency("itl", "ITL, mean of a request", targets.itlMilliseconds) { $0.itl },
    ]
  }

  private func plot(
    _ id: String, _ title: String, _ unit: String, _ lines: [TimePlot.Line]
  ) -> TimePlot {
    TimePlot(
      id: "\(PolicyTable.anchor(index))-\(id)", title: title, unit: unit,
      clock: .elapsed(since: 0), grid: grid, lines: lines,
      absence: "Nothing arrived in this time.")
  }

  /// A value of every interval, at its end.
  private func series(_ value: (IntervalOutcome) -> Double?) -> SeriesSampler {
    var series = SeriesSampler(grid)
    for interval in result.intervals {
      series.add(value(interval), at: interval.start + interval.outcome.seconds)
    }
    return series
  }

  private func replicas(_ component: Component) -> String {
    func counts(_ count: @escaping (ReplicaCounts) -> Int) -> SeriesSampler {
      series { $0.replicas[component].map { Double(count($0)) } }
    }
    let draining = counts(\.draining)
    var lines: [TimePlot.Line] = [
      .init(name: "ready", style: .under, samples: counts(\.ready), isStep: true),
      .init(name: "asked for", style: .first, samples: counts(\.asked), isStep: true),
    ]
    if draining.range.map({ $0.upperBound > 0 }) ?? false {
      lines.append(.init(name: "draining", style: .third, samples: draining, isStep: true))
    }
    let name =
      run.settings.cluster.mode == .agg
      ? "Workers" : component == .prefill ? "Prefill replicas" : "Decode replicas"
    var plot = plot(component.rawValue, name, "end of an interval", lines)
    plot.isCount = true
    return plot.html
  }

  private var gpus: String {
    plot(
      "gpus", "GPUs held", "mean of an interval",
      [
        .init(
          name: "GPUs", style: .first,
          samples: series { $0.outcome.gpuHours * 3600 / $0.outcome.seconds })
      ]
    ).html
  }

  private var requests: String {
    plot(
      "requests", "Requests", "a second, by arrival",
      [
        .init(
          name: "arrived", style: .first,
          samples: series { Double($0.outcome.arrivals) / $0.outcome.seconds }),
        .init(
          name: "within both targets", style: .third, samples: series { $0.outcome.goodput }),
      ]
    ).html
  }

  private var attainment: String {
    func percent(_ share: @escaping (Outcome) -> Double?) -> SeriesSampler {
      series { share($0.outcome).map { $0 * 100 } }
    }
    return plot(
      "attainment", "Within the targets", "% of an interval's requests",
      [
        .init(name: "both", style: .first, samples: percent(\.attainment)),
        .init(name: "TTFT", style: .second, samples: percent(\.ttftAttainment)),
        .init(name: "ITL", style: .third, samples: percent(\.itlAttainment)),
      ]
    ).html
  }

  private func latency(
    _ id: String, _ title: String, _ target: Double,
    _ summary: @escaping (Outcome) -> LatencySummary?
  ) -> String {
    var plot = plot(
      id, title, "ms, by arrival",
      [
        .init(name: "p50", style: .first, samples: series { summary($0.outcome)?.p50 }),
        .init(name: "p90", style: .third, samples: series { summary($0.outcome)?.p90 }),
        .init(name: "p99", style: .second, samples: series { summary($0.outcome)?.p99 }),
      ])
    plot.rules = [.init(name: "target", value: target)]
    return plot.html
  }
}

extension DeploymentMode {
  /// The components that a simulated cluster has, whatever the mode scales.
  fileprivate var simulatedComponents: [Component] {
    self == .agg ? [.decode] : [.prefill, .decode]
  }
}
