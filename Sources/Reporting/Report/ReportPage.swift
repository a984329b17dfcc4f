import Planning
import Presentation

/// A report on what was decided, as one HTML file.
public struct ReportPage: Sendable {
  let data: ReportData

  /// Creates the page of `data`.
  public init(_ data: ReportData) { self.data = data }

  /// The file.
  public var html: String {
    HTMLPage(
      kind: "report", title: data.heading.title, subtitle: subtitle,
      answer: answer.sentences, tiles: tiles,
      notes: data.heading.notes, sections: sections
    ).html
  }

  private var clock: ReportClock { data.heading.clock }

  private var subtitle: String {
    let targets = data.heading.targets.map {
      ", targets TTFT \(Numbers.grouped($0.ttftMilliseconds)) ms and ITL \(Numbers.grouped($0.itlMilliseconds)) ms"
    }
    let zone = clock == .utc ? " UTC" : ""
    return
      "\(clock.text(data.grid.start)) to \(clock.text(data.grid.end))\(zone), mode \(data.heading.mode.rawValue)\(targets ?? "")"
  }

  private var answer: ReportAnswer { ReportAnswer(data) }

  private var tiles: [HTMLPage.Tile] {
    var tiles =
      answer.tiles + [
        .init("GPU-hours", Numbers.grouped(data.totalGPUHours)),
        .init("decisions shown", "\(data.decisionCount)"),
        .init("of them changes", "\(data.changeCount)"),
      ]
    let errors = data.traffic.errors.byPredictor
    if errors.count == 1, let only = errors.first, let share = only.value.predictor.share {
      tiles.append(.init("mean forecast error (\(only.key))", Numbers.percent(share)))
    }
    return tiles
  }

  private var sections: [String] {
    let sections = ReportSections(data)
    return [
      sections.replicas, sections.traffic, sections.latency, sections.regressions,
      sections.reasons, sections.decisions,
    ]
  }
}
