import Invocation
import Planning
import Presentation

/// The last decisions as a table; each row opens to its explanation. The roles are spelled out
/// because on a phone the style sheet folds the rows, which would take them away.
struct DecisionTable {
  var decisions: [DecisionDocument]
  var components: [Component]
  var clock = ReportClock.utc

  /// The table, or a sentence when there is no decision.
  var html: String {
    guard !decisions.isEmpty else { return "<p class=\"none\">No decision has been made yet.</p>" }
    let columns = components.map {
      "<th role=\"columnheader\" scope=\"col\" class=\"n\">\($0 == .prefill ? "Prefill" : "Decode")</th>"
    }
    return """
      <div class="scroll wide" tabindex="0" role="region" aria-label="The last decisions"><table class="decisions" role="table">
      <caption>\(decisions.count == 1 ? "The last decision." : "The last \(decisions.count) decisions, newest first.") A row's last cell opens to its explanation.</caption>
      <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="n">No.</th><th role="columnheader" scope="col">\(clock.heading)</th><th role="columnheader" scope="col">Status</th>\(columns.joined())<th role="columnheader" scope="col" class="n">GPUs</th><th role="columnheader" scope="col">Why</th></tr></thead>
      <tbody role="rowgroup">\(decisions.map(row).joined(separator: "\n"))</tbody>
      </table></div>
      """
  }

  private func row(_ decision: DecisionDocument) -> String {
    let status = decision.status.rawValue
    let id = decision.id.map { String($0) } ?? "–"
    let counts = components.map { component -> String in
      let known = decision.components[component]
      return
        "<td role=\"cell\" class=\"n\" data-label=\"\(component.rawValue)\">\(change(known?.current, known?.final))</td>"
    }
    let time = Instant.rfc3339(decision.time).map(clock.text) ?? decision.time
    return
      "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\" class=\"n\">\(id)</th><td role=\"cell\" class=\"when\">\(Markup.escaped(time))</td><td role=\"cell\"><span class=\"status \(status)\">\(status)</span></td>\(counts.joined())<td role=\"cell\" class=\"n\" data-label=\"GPUs\">\(change(decision.gpus.before, decision.gpus.after))</td><td role=\"cell\">\(why(decision))</td></tr>"
  }

  private func change(_ before: Int?, _ after: Int?) -> String {
    func text(_ count: Int?) -> String { count.map { String($0) } ?? "–" }
    return before == after || after == nil
      ? text(before) : "\(text(before)) → <b>\(text(after))</b>"
  }

  private func why(_ decision: DecisionDocument) -> String {
    let known = components.compactMap { decision.components[$0] }
    let codes = known.flatMap { component in
      [
        component.reasons.throughput.rawValue, component.reasons.load.rawValue,
        component.reasons.budget == .limited ? component.reasons.budget.rawValue : "disabled",
      ]
    }.filter { $0 != "disabled" }
    let short = codes.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    var sentences = known.map { "<p>\(Markup.escaped($0.explanation))</p>" }
    if let error = decision.error {
      sentences.append("<p class=\"failure\">\(Markup.escaped(error))</p>")
    }
    sentences += decision.warnings.map { "<p class=\"warning\">\(Markup.escaped($0))</p>" }
    return
      "<details><summary>\(short.isEmpty ? "explanation" : short.joined(separator: ", "))</summary>\(sentences.joined())</details>"
  }
}
