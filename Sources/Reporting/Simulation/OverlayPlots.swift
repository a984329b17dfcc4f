import Planning
import Presentation
import Simulation

/// Several policies over each other: one plot a question.
struct OverlayPlots {
  /// More lines than this can't be told apart.
  static let most = PlotStyle.hues.count

  private let comparison: PolicyComparison
  private let run: SimulationRun
  private let grid: TimeGrid
  private let shown: [Int]

  /// - Parameter first: the policy that is shown whatever else is; nil for none.
  init(_ comparison: PolicyComparison, run: SimulationRun, grid: TimeGrid, first: Int?) {
    self.comparison = comparison
    self.run = run
    self.grid = grid
    let wanted = [first].compactMap { $0 } + comparison.paretoFront
    let ranked = wanted + comparison.results.indices.filter { !wanted.contains($0) }
    let chosen = ranked.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
    shown = chosen.prefix(Self.most).sorted()
  }

  /// What is left out; nil when nothing is.
  var note: String? {
    let left = comparison.results.count - shown.count
    return left > 0
      ? "The cheapest that keeps the asked share, those with a star, and others up to \(Self.most); \(left) are left out."
      : nil
  }

  /// Every plot.
  var html: [String] {
    let targets = run.settings.targets
    return [
      plot("held", "How many GPUs?", "mean of an interval", isStep: true) {
        $0.outcome.gpuHours * 3600 / $0.outcome.seconds
      }.html,
      plot("within", "How many requests within both targets?", "% of an interval's requests") {
        $0.outcome.attainment.map { $0 * 100 }
      }.html,
      latency("ttft", "How long until the first token?", targets.ttftMilliseconds) { $0.ttft },
      latency("itl", "How long between tokens?", targets.itlMilliseconds) { $0.itl },
    ]
  }

  private func plot(
    _ id: String, _ title: String, _ unit: String, isStep: Bool = false,
    _ value: (IntervalOutcome) -> Double?
  ) -> TimePlot {
    TimePlot(
      id: "all-\(id)", title: title, unit: unit, clock: .elapsed(since: 0), grid: grid,
      lines: zip(shown, PlotStyle.hues).map { index, style in
        let result = comparison.results[index]
        var samples = SeriesSampler(grid)
        for interval in result.intervals {
          samples.add(value(interval), at: interval.start + interval.outcome.seconds)
        }
        return .init(
          name: "\(index + 1) \(result.policy)", style: style, samples: samples, isStep: isStep)
      },
      absence: "Nothing arrived in this time.")
  }

  private func latency(
    _ id: String, _ title: String, _ target: Double,
    _ summary: (Outcome) -> LatencySummary?
  ) -> String {
    var plot = plot(id, title, "ms, p90 by arrival") { summary($0.outcome)?.p90 }
    plot.rules = [.init(name: "target", value: target)]
    return plot.html
  }
}
