import Simulation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A series as a person hands it in: numbers, CSV or JSON.
struct SeriesInput: Sendable, Equatable {
  /// The values, oldest first; finite, at least 0, not empty.
  var values: [Double]
  /// Length of an interval in seconds, at least 1, where the input says it.
  var intervalSeconds: Int?

  /// Creates a series.
  init(values: [Double], intervalSeconds: Int? = nil) {
    self.values = values
    self.intervalSeconds = intervalSeconds
  }

  /// Reads a series from text, whose form is recognised by its first character and line.
  ///
  /// - JSON: `{"values": […], "interval_seconds": 180}` or a bare array of numbers.
  /// - Numbers, one a line; empty lines are skipped.
  /// - CSV with a header line, comma-separated, fields quoted where needed. A single column needs
  ///   no `column`.
  ///
  /// - Parameters:
  ///   - text: the whole input.
  ///   - column: name of the CSV column to read; makes the input CSV.
  /// - Throws: ``SeriesInputError`` for anything that is not a series of finite numbers ≥ 0.
  static func parse(_ text: String, column: String? = nil) throws(SeriesInputError)
    -> SeriesInput
  {
    let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    let start = body.drop { $0.isWhitespace }
    guard let first = start.first else { throw .empty }
    let series: SeriesInput
    if first == "{" || first == "[" {
      if let column { throw .columnOfJSON(column) }
      series = try parseJSON(String(body), isArray: first == "[")
    } else if column == nil, number(String(start.prefix { !$0.isNewline })) != nil {
      series = SeriesInput(values: try parseLines(body))
    } else {
      series = SeriesInput(values: try parseCSV(body, column: column))
    }
    if series.values.isEmpty { throw .empty }
    return series
  }

  private static func parseLines(_ text: Substring) throws(SeriesInputError) -> [Double] {
    var values: [Double] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated() where !line.allSatisfy(\.isWhitespace)
    {
      values.append(try value(String(line), line: index + 1))
    }
    return values
  }

  private static func parseCSV(_ text: Substring, column: String?) throws(SeriesInputError)
    -> [Double]
  {
    let rows = try rows(of: text)
    guard let header = rows.first else { throw .empty }
    let names = header.fields.map { trimmed($0) }
    let index: Int
    if let column {
      guard let found = names.firstIndex(of: column) else {
        throw .unknownColumn(column, columns: names)
      }
      index = found
    } else if names.count == 1 {
      index = 0
    } else {
      throw .columnNeeded(columns: names)
    }
    var values: [Double] = []
    for row in rows.dropFirst() {
      guard index < row.fields.count else {
        throw .missingField(line: row.line, column: names[index])
      }
      values.append(try value(row.fields[index], line: row.line))
    }
    return values
  }

  /// The fields of each row that is not empty, with the number of its first line. A quoted field may
  /// go on over several lines.
  private static func rows(of text: Substring) throws(SeriesInputError)
    -> [(line: Int, fields: [String])]
  {
    var rows: [(line: Int, fields: [String])] = []
    var row: [UInt8] = []
    var start = 1
    var isOpen = false
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      if !isOpen { start = index + 1 }
      row += isOpen ? Array("\n\(line)".utf8) : Array(line.utf8)
      if !line.utf8.count(where: { $0 == UInt8(ascii: "\"") }).isMultiple(of: 2) { isOpen.toggle() }
      guard !isOpen, !row.isEmpty else { continue }
      do {
        rows.append((start, try CSVLine.fields(row)))
      } catch {
        throw .openQuote(line: start)
      }
      row = []
    }
    if isOpen { throw .openQuote(line: start) }
    return rows
  }

  private static func parseJSON(_ text: String, isArray: Bool) throws(SeriesInputError)
    -> SeriesInput
  {
    struct Document: Decodable {
      var values: [Double]
      var interval_seconds: Int?
    }
    let document: Document
    do {
      let data = Data(text.utf8)
      document =
        isArray
        ? Document(values: try JSONDecoder().decode([Double].self, from: data))
        : try JSONDecoder().decode(Document.self, from: data)
    } catch {
      throw .notJSON(jsonReason(error))
    }
    if let seconds = document.interval_seconds, seconds < 1 { throw .interval(seconds) }
    for (index, value) in document.values.enumerated() where !(value.isFinite && value >= 0) {
      throw .notACount(place: "values[\(index)]", text: "\(value)")
    }
    return SeriesInput(values: document.values, intervalSeconds: document.interval_seconds)
  }

  private static func jsonReason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let context: DecodingError.Context
    switch error {
    case .keyNotFound(let key, _): return "the key '\(key.stringValue)' is missing"
    case .dataCorrupted(let found), .typeMismatch(_, let found), .valueNotFound(_, let found):
      context = found
    @unknown default: return "\(error)"
    }
    let path = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
      .joined()
    // The decoder tells line and column of a syntax error in its underlying error only.
    let place = path.isEmpty ? "" : " at \(path)"
    let detail = context.underlyingError.map { " (\($0))" } ?? ""
    // The decoder's text is a sentence of its own, and more follows here.
    let text = context.debugDescription
    return "\(text.hasSuffix(".") ? String(text.dropLast()) : text)\(place)\(detail)"
  }

  private static func value(_ text: String, line: Int) throws(SeriesInputError) -> Double {
    guard let value = number(text), value.isFinite, value >= 0 else {
      throw .notACount(place: "line \(line)", text: trimmed(text))
    }
    return value
  }

  private static func number(_ text: String) -> Double? { Double(trimmed(text)) }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
