/// One line of a CSV text.
struct CSVRow: Equatable {
  /// Line number in the text, from 1, where the row starts.
  var line: Int
  /// The fields, without their quotation marks.
  var fields: [String]
}

/// Reads comma-separated text as RFC 4180 describes it; lines may end in LF or CR LF, and empty
/// lines are skipped.
enum CSVRows {
  /// Splits `text` into its rows.
  ///
  /// - Throws: ``SeriesInputError/openQuote(line:)``.
  static func read(_ text: Substring) throws(SeriesInputError) -> [CSVRow] {
    var rows: [CSVRow] = []
    var row = CSVRow(line: 1, fields: [])
    var field = ""
    var line = 1
    var quoteLine: Int?
    var quoteMayEnd = false

    func endRow() {
      row.fields.append(field)
      field = ""
      if row.fields != [""] { rows.append(row) }
      row = CSVRow(line: line, fields: [])
    }

    for character in text {
      if character.isNewline { line += 1 }
      if quoteLine != nil, !quoteMayEnd {
        if character == "\"" { quoteMayEnd = true } else { field.append(character) }
      } else if character == "\"", quoteMayEnd {
        field.append("\"")
        quoteMayEnd = false
      } else if character == "\"", field.isEmpty {
        quoteLine = line
      } else {
        quoteLine = nil
        quoteMayEnd = false
        if character == "," {
          row.fields.append(field)
          field = ""
        } else if character.isNewline {
          endRow()
        } else {
          field.append(character)
        }
      }
    }
    if let quoteLine, !quoteMayEnd { throw .openQuote(line: quoteLine) }
    endRow()
    return rows
  }
}
