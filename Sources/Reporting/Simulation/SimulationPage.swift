import Planning
import Presentation
import Simulation

/// What simulated policies came to, as one HTML file: each of several against the others, and over
/// time; of a planner that was simulated alone also what it saw and why it decided so.
public struct SimulationPage: Sendable {
  /// Stands above the page.
  public var title: String
  /// Sentences about the traffic and the model.
  public var notes: [String]
  private let run: SimulationRun
  private let comparison: PolicyComparison
  private let planner: ReportData?
  private let askedShare: Double

  /// Parts of the time that all plots of a page together show, so that it stays small.
  private static let partsOfAll = 900

  /// Creates the page.
  ///
  /// - Parameters:
  ///   - planner: what the planner saw and decided, where it is the only policy.
  ///   - askedShare: share of the requests that are to be within both targets.
  public init(
    _ comparison: PolicyComparison, of run: SimulationRun, title: String, notes: [String] = [],
    planner: ReportData? = nil, askedShare: Double = 0.95
  ) {
    self.comparison = comparison
    self.run = run
    self.title = title
    self.notes = notes
    self.planner = planner
    self.askedShare = askedShare
  }

  /// The file.
  public var html: String {
    HTMLPage(
      kind: "simulation", title: title, subtitle: subtitle,
      answer: isComparison ? [comparison.answer(keeping: askedShare)] : [], tiles: tiles,
      notes: notes,
      sections: sections
    ).html
  }

  private var isComparison: Bool { comparison.results.count > 1 }

  private var subtitle: String {
    let targets = run.settings.targets
    return
      "\(ReportClock.elapsed(since: 0).text(run.end)) of traffic, mode \(run.settings.cluster.mode.rawValue), targets TTFT \(Numbers.grouped(targets.ttftMilliseconds)) ms and ITL \(Numbers.grouped(targets.itlMilliseconds)) ms, start-up of a worker \(Numbers.grouped(run.settings.cluster.startUpSeconds)) s"
  }

  private var tiles: [HTMLPage.Tile] {
    var tiles = [HTMLPage.Tile("requests", Numbers.grouped(Double(run.trace.count)))]
    if isComparison {
      tiles.append(.init("policies", "\(comparison.results.count)"))
      let reachable = (run.reachableShare * 1000).rounded(.down) / 1000
      tiles.append(.init("can meet the targets", Numbers.percent(reachable)))
      guard let best = comparison.cheapest(keeping: askedShare) else {
        return tiles + [.init("keep \(Numbers.percent(askedShare))", "none", .bad)]
      }
      let total = comparison.results[best].total
      return tiles + [
        .init("cheapest that keeps \(Numbers.percent(askedShare))", "No. \(best + 1)", .good),
        .init("its GPU-hours", Numbers.grouped(total.gpuHours)),
      ]
    }
    guard let total = comparison.results.first?.total else { return tiles }
    func share(_ value: Double?) -> String { value.map(Numbers.percent) ?? "–" }
    return tiles + [
      total.attainment.map { .init("within both targets", $0, atLeast: askedShare) }
        ?? .init("within both targets", "–"),
      .init("within the TTFT target", share(total.ttftAttainment)),
      .init("within the ITL target", share(total.itlAttainment)),
      .init("GPU-hours", Numbers.grouped(total.gpuHours)),
      .init("changes", "\(total.changeCount)"),
      .init("good requests/s", Numbers.grouped(total.goodput)),
    ]
  }

  private var sections: [String] {
    let count = comparison.results.count
    let grid = TimeGrid(
      0...max(run.end, 1),
      count: min(TimeGrid.standardCount, max(30, Self.partsOfAll / max(1, count))))
    let outcomes = comparison.results.enumerated().map { index, result in
      HTMLPage.section(
        isComparison ? "\(index + 1). \(result.policy)" : "What became of the requests",
        id: PolicyTable.anchor(index), note: OutcomePlots.summary(result.total),
        OutcomePlots(result, index: index, run: run, grid: grid).html)
    }
    return (isComparison ? [overview, overlays] : []) + outcomes + plannersView
  }

  private var overview: String {
    HTMLPage.section(
      "The policies compared",
      note:
        "Share of the requests within the targets, latencies, and cost. ★: no other policy serves at least as many for no more GPU-hours. An oracle knows what is to come: a yardstick, no choice, and never starred.",
      [ParetoFigure(comparison).html])
      + PolicyTable(comparison).html
  }

  /// One plot a question, all policies in it.
  private var overlays: String {
    let plots = OverlayPlots(
      comparison, run: run, grid: TimeGrid(0...max(run.end, 1)),
      first: comparison.cheapest(keeping: askedShare))
    return HTMLPage.section("Over time, side by side", note: plots.note, plots.html)
  }

  /// What the planner itself saw: means of what was completed, as its metrics tell it.
  private var plannersView: [String] {
    guard let planner else { return [] }
    let view = ReportSections(planner)
    let isTrafficRead = planner.heading.intervalSeconds != nil
    return [HTMLPage.section("What the planner decided", ReportPlots(planner).replicas)]
      + (isTrafficRead ? [view.traffic, view.latency] : [])
      + [view.regressions, view.reasons, view.decisions]
  }
}
