/// Numbers in columns, aligned to the right under their headings.
struct TextTable {
  var header: [String]
  /// Rows of as many cells as the header has.
  var rows: [[String]]

  /// The header and the rows, indented by two spaces.
  var lines: [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in
      all.reduce(0) { max($0, column < $1.count ? $1[column].count : 0) }
    }
    return all.map { row in
      "  "
        + zip(row, widths)
        .map { String(repeating: " ", count: $1 - $0.count) + $0 }
        .joined(separator: "   ")
    }
  }
}
