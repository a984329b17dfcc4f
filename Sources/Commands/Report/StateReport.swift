import Application
import Invocation
import Planning
import Reporting
import StateStore

/// Gathers a report from a state file, in a time and memory that hardly grow with its age.
struct StateReport {
  /// The newest decisions, none of which is left out.
  static let shownWhole = 1000

  let store: SQLiteStateStore
  var since: Double?
  var until: Double?
  /// The newest decisions, none of which is left out, at least 1.
  var shownWhole = Self.shownWhole
  /// Parts of the time before them, each of which shows its first decision.
  var sampledParts = 2000
  /// The newest decisions that are listed with their explanation.
  var listed = 50

  /// The report; nil when there is no decision in that time.
  func data() throws -> ReportData? {
    let end = until ?? .greatestFiniteMagnitude
    let extent = try store.decisionExtent(since: since ?? -.greatestFiniteMagnitude, until: end)
    guard let times = extent.times else { return nil }
    let wholeFrom = max(
      times.lowerBound,
      try store.timeOfDecision(fromEnd: shownWhole, until: end) ?? times.lowerBound)
    let recent = try store.decisionSummaries(since: wholeFrom, until: end)
    let sampled = try store.sampledDecisions(
      since: times.lowerBound, until: wholeFrom, parts: sampledParts)
    guard let record = try newestRecord(recent) else { return nil }
    let lengths = try store.observedIntervalLengths()
    let interval =
      record.input.policy.throughput.map(\.intervalSeconds).flatMap {
        lengths.contains($0) ? $0 : nil
      } ?? lengths.first
    let policy = record.input.policy
    let documents = Self.readable(sampled + recent)
    let decisions = documents.decisions
    var heading = ReportHeading(
      title: store.deployment, mode: policy.mode, targets: policy.targets,
      gpuBudget: policy.gpuBudget, intervalSeconds: interval,
      notes: notes(
        extent: extent, shown: recent.count + sampled.count, isSampled: !sampled.isEmpty,
        intervals: lengths, shownInterval: interval) + documents.notes)
    heading.gpusPerReplica = policy.gpusPerReplica
    heading.minimumReplicas = policy.minimumReplicas
    if case .sla(let sla)? = policy.throughput?.sizing { heading.askedShare = sla.quantile }
    // With the interval that the first decision saw, and the one that the last expects.
    let margin = Double(interval ?? 0)
    let shown = (times.lowerBound - margin)...(times.upperBound + margin)
    var data = ReportData(heading, span: shown)
    try fill(&data, decisions, interval: interval, span: shown)
    data.regressions = ReportRegression.all(of: record)
    data.decisions = decisions.suffix(listed).reversed().map(\.document)
    return data
  }

  /// The newest decision that can be read; nil when there is none.
  ///
  /// - Throws: why the newest can't be read, when none of the newest fifty can.
  private func newestRecord(_ recent: [DecisionSummary]) throws -> DecisionRecord? {
    var first: (any Error)?
    for summary in recent.reversed().prefix(listed) {
      do {
        guard let stored = try store.decision(id: summary.id) else { continue }
        return try PastDecision(stored).record
      } catch {
        first = first ?? error
      }
    }
    if let first { throw first }
    return nil
  }

  /// The decisions that can be read, and a note on those that can't.
  private static func readable(
    _ summaries: [DecisionSummary]
  ) -> (decisions: [PastDocument], notes: [String]) {
    var first: PastDecisionError?
    let progress = Progress("read", of: summaries.count, isShown: Terminal.showsProgress)
    defer { progress.finish() }
    let decisions = summaries.compactMap { summary -> PastDocument? in
      defer { progress.advance() }
      do throws(PastDecisionError) {
        return try PastDocument(summary)
      } catch {
        first = first ?? error
        return nil
      }
    }
    let notes = first.map {
      "Of the decisions in this time \(summaries.count - decisions.count) can't be read and left out. \($0)"
    }
    return (decisions, notes.map { [$0] } ?? [])
  }

  /// Hands over decisions and observations in the order of time.
  private func fill(
    _ data: inout ReportData, _ decisions: [PastDocument], interval: Int?,
    span: ClosedRange<Double>
  ) throws {
    var rest = decisions[...]
    func moment(_ decision: PastDocument) -> ReportMoment {
      ReportMoment(
        decision.document, time: decision.time, isChange: decision.isChange,
        intervalSeconds: interval)
    }
    if let interval, span.lowerBound.magnitude < 1e12, span.upperBound.magnitude < 1e12 {
      try store.forEachObservation(
        intervalSeconds: interval, since: Int(span.lowerBound), until: Int(span.upperBound) + 1
      ) { seen in
        while let next = rest.first, next.time < Double(seen.observation.intervalEnd) {
          data.add(moment(next))
          rest.removeFirst()
        }
        data.add(seen.observation)
      }
    }
    for decision in rest { data.add(moment(decision)) }
  }

  private func notes(
    extent: DecisionExtent, shown: Int, isSampled: Bool, intervals: [Int], shownInterval: Int?
  ) -> [String] {
    var notes: [String] = []
    if isSampled {
      notes.append(
        "Of \(extent.count) decisions in this time \(shown) are shown: the newest \(shownWhole), and before them one at a time, evenly spread. Replicas, GPU-hours, reasons and forecast errors are those of the decisions shown; the traffic is that of every interval."
      )
    }
    let others = intervals.filter { $0 != shownInterval }
    if let shownInterval, !others.isEmpty {
      let lengths = others.map { "\($0) s" }.joined(separator: ", ")
      notes.append(
        "The traffic is that of intervals of \(shownInterval) s; intervals of other lengths (\(lengths)) were also observed and are left out."
      )
    }
    return notes
  }
}
