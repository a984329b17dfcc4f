/// Why text is not a series.
enum SeriesInputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no value at all.
  case empty
  /// A value is not a finite number of at least 0; `place` is a line or a JSON path.
  case notACount(place: String, text: String)
  /// The JSON is not of the expected form.
  case notJSON(String)
  /// The JSON's interval is below one second.
  case interval(Int)
  /// A column was asked for, but the input is JSON.
  case columnOfJSON(String)
  /// The CSV has several columns and none was named.
  case columnNeeded(columns: [String])
  /// The CSV has no column of that name.
  case unknownColumn(String, columns: [String])
  /// A CSV line is too short.
  case missingField(line: Int, column: String)
  /// A quoted CSV field has no end.
  case openQuote(line: Int)

  /// What is wrong and what to do, as a sentence.
  var description: String {
    switch self {
    case .empty:
      "The series is empty: give at least one number."
    case .notACount(let place, let text):
      "The series has '\(shortened(text))' at \(place), where a finite number of at least 0 is needed; correct or remove it."
    case .notJSON(let reason):
      "The series is not JSON of the form {\"values\": [1, 2], \"interval_seconds\": 180}: \(reason)."
    case .interval(let seconds):
      "The series says \"interval_seconds\": \(seconds); an interval is at least 1 second."
    case .columnOfJSON(let column):
      "--column \(column) goes with CSV, but the series is JSON; leave it out."
    case .columnNeeded(let columns):
      "The series has several columns; name one with --column: \(listed(columns))."
    case .unknownColumn(let column, let columns):
      "The series has no column '\(column)'; it has: \(listed(columns))."
    case .missingField(let line, let column):
      "Line \(line) of the series ends before the column '\(column)'; complete or remove it."
    case .openQuote(let line):
      "The quotation mark opened on line \(line) of the series is never closed; close it."
    }
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(20).map { "'\(shortened($0))'" }.joined(separator: ", ")
      + (names.count > 20 ? ", …" : "")
  }

  private func shortened(_ text: String) -> String {
    text.count > 60 ? text.prefix(60) + "…" : text
  }
}
