/// Numbers and columns for people; the same everywhere, whatever the locale.
package enum TextTable {
  /// `rows` in columns of which `leftAligned` are aligned to the left, all others to the right; no
  /// line ends with blanks.
  ///
  /// - Parameters:
  ///   - indent: what every line begins with.
  ///   - gap: what stands between two columns.
  package static func lines(
    _ rows: [[String]], leftAligned: Set<Int> = [], indent: String = "", gap: String = "  "
  ) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return leftAligned.contains(column) ? cell + blanks : blanks + cell
      }
      let line = indent + cells.joined(separator: gap)
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// `value` with exactly `digits` decimals.
  package static func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return value.isNaN ? "–" : "\(value)" }
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let units = Int(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let fraction = String(units % scale)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(units / scale).\(zeros)\(fraction)"
  }
}
