import Invocation
import Presentation
import Simulation

/// Policies side by side; each number leads to the policy's own section.
struct PolicyTable {
  private let comparison: PolicyComparison

  init(_ comparison: PolicyComparison) { self.comparison = comparison }

  /// The name that a policy's section has in its page.
  static func anchor(_ index: Int) -> String { "policy-\(index + 1)" }

  private static let columns = [
    "SLA %", "TTFT %", "ITL %", "TTFT p50, ms", "TTFT p99, ms", "ITL p50, ms", "ITL p99, ms",
    "GPU-hours", "changes/h", "good req/s",
  ]

  var html: String {
    let front = Set(comparison.paretoFront)
    let columns = Self.columns + comparison.yardstickHeader
    let header = columns.map { "<th scope=\"col\" class=\"n\">\($0)</th>" }.joined()
    let rows = comparison.rows.enumerated().map { index, cells in
      // Long names may break between what they are told.
      let name = Markup.escaped(cells[0]).replacing(":", with: ":<wbr>")
        .replacing(",", with: ",<wbr>")
      let link = "<a href=\"#\(Self.anchor(index))\">\(name)</a>"
      let numbers = cells.dropFirst().map { "<td class=\"n\">\(Markup.escaped($0))</td>" }
      let isBest = front.contains(index)
      return
        "<tr\(isBest ? " class=\"best\"" : "")><td class=\"n\">\(index + 1)</td><th scope=\"row\">\(link)\(isBest ? " <span title=\"no other policy serves as many for as little\">★</span>" : "")</th>\(numbers.joined())</tr>"
    }
    return """
      <div class="scroll wide" tabindex="0" role="region" aria-label="The policies compared"><table class="policies">
      <caption>The policies compared</caption>
      <thead><tr><th scope="col" class="n">No.</th><th scope="col">Policy</th>\(header)</tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody>
      </table></div>
      """
  }
}
