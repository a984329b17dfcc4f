import Invocation
import Planning
import Presentation

/// What a report is asked first: how things stand now, whether the targets were met, and what that
/// cost against what it had to.
struct ReportAnswer {
  private let data: ReportData

  init(_ data: ReportData) { self.data = data }

  /// A sentence each, the most urgent one first.
  var sentences: [String] { [now, attained, cost].compactMap { $0 } }

  /// The same as numbers that are judged.
  var tiles: [HTMLPage.Tile] { [state].compactMap { $0 } + shares + least }

  // MARK: Now

  private var newest: DecisionDocument? { data.decisions.first }

  private var replicas: String {
    data.heading.mode.components.compactMap { component in
      newest?.components[component].map {
        "\(component.rawValue) \($0.current.map { String($0) } ?? "unknown")"
      }
    }.joined(separator: ", ")
  }

  private var now: String? {
    guard let newest else { return nil }
    let name = newest.id.map { "Decision \($0)" } ?? "The last decision"
    let time = Instant.rfc3339(newest.time).map(data.heading.clock.text) ?? newest.time
    let held = newest.components.min { $0.key < $1.key }?.value.explanation
    let why = newest.error ?? (newest.status == .held ? held : nil)
    return
      "Now: \(replicas). \(name), \(time), \(became(newest))\(why.map { ": \($0)" } ?? ".")"
  }

  private func became(_ document: DecisionDocument) -> String {
    switch document.status {
    case .applied: return "was applied"
    case .unchanged: return "changed nothing"
    case .held:
      let since = document.holdSeconds.map { ", as all are for \(Durations.short(seconds: $0))" }
      return "is held" + (since ?? "")
    case .dryRun: return "would change the counts (dry run)"
    case .published: return "was published"
    case .failed: return "failed"
    case .pending: return "was not finished"
    }
  }

  private var state: HTMLPage.Tile? {
    guard let newest else { return nil }
    let isBad = [.held, .failed, .pending].contains(newest.status)
    return .init(
      "last decision, with \(replicas)", newest.status.rawValue, isBad ? .bad : .good)
  }

  // MARK: Targets

  private var shares: [HTMLPage.Tile] {
    [
      share("TTFT", data.account.ttft, data.traffic.ttftIntervals),
      share("ITL", data.account.itl, data.traffic.itlIntervals),
    ].compactMap { $0 }
  }

  /// The share of the requests; where that is not known, of the intervals' means.
  private func share(
    _ name: String, _ share: ReportAccount.Share, _ intervals: (known: Int, within: Int)
  ) -> HTMLPage.Tile? {
    let title = "requests within the \(name) target"
    if let value = share.value {
      guard let asked = data.heading.askedShare else { return .init(title, Numbers.percent(value)) }
      return .init(title, value, atLeast: asked)
    }
    guard intervals.known > 0 else { return nil }
    return .init(
      "intervals within the \(name) target",
      Numbers.percent(Double(intervals.within) / Double(intervals.known)))
  }

  private var attained: String? {
    guard let asked = data.heading.askedShare else { return nil }
    let known = [("TTFT", data.account.ttft), ("ITL", data.account.itl)].compactMap { name, share in
      share.value.map { (name: name, share: $0) }
    }
    guard !known.isEmpty else { return nil }
    let told = known.map { "\(Numbers.percent($0.share)) met the \($0.name) target" }
      .joined(separator: " and ")
    let missed = known.filter { $0.share < asked }.map(\.name)
    let verdict = missed.isEmpty ? "as asked" : "\(missed.joined(separator: " and ")) missed"
    return "Of the requests \(told); \(Numbers.percent(asked)) were asked for: \(verdict)."
  }

  // MARK: Cost

  private var least: [HTMLPage.Tile] {
    data.account.leastGPUHours > 0
      ? [.init("GPU-hours the work takes at least", Numbers.grouped(data.account.leastGPUHours))]
      : []
  }

  private var cost: String? {
    let account = data.account
    guard account.leastGPUHours > 0 else { return nil }
    return
      "\(Numbers.grouped(account.heldGPUHours)) GPU-hours were held while the traffic is known; its work takes at least \(Numbers.grouped(account.leastGPUHours)) (tokens over what a replica does, without waiting or starts)."
  }
}
