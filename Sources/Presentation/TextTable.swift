/// Columns of text for people.
public enum TextTable {
  /// `rows` in columns of which `leftAligned` are aligned to the left, all others to the right; no
  /// line ends with blanks.
  ///
  /// - Parameters:
  ///   - indent: what every line begins with.
  ///   - gap: what stands between two columns.
  public static func lines(
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
}
