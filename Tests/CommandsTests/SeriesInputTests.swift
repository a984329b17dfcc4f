import Testing

@testable import Commands

@Suite struct SeriesInputTests {
  struct Good: CustomTestStringConvertible {
    var text: String
    var column: String?
    var values: [Double]
    var intervalSeconds: Int?
    var testDescription: String { text.debugDescription }
  }

  static let good = [
    Good(text: "1\n2.5\n3e2\n", values: [1, 2.5, 300]),
    Good(text: "\u{FEFF}\r\n 1 \r\n\r\n2", values: [1, 2]),
    Good(text: "0", values: [0]),
    Good(text: "requests\n1\n2\n", values: [1, 2]),
    Good(text: "time,requests\n0,5\n180,6\n", column: "requests", values: [5, 6]),
    Good(
      text: "\"a \"\"quoted\"\" name\", n \n\"x,\ny\",4\n\nz,5", column: "n", values: [4, 5]),
    Good(text: "1\n2\n", column: "1", values: [2]),
    Good(text: "{\"values\": [1, 2]}", values: [1, 2]),
    Good(
      text: " {\"interval_seconds\": 60, \"values\": [1.5]}", values: [1.5], intervalSeconds: 60),
    Good(text: "[3, 4]", values: [3, 4]),
  ]

  @Test("it reads numbers, CSV and JSON", arguments: good)
  func itReadsNumbersCSVAndJSON(_ input: Good) throws {
    let series = try SeriesInput.parse(input.text, column: input.column)
    #expect(
      series == SeriesInput(values: input.values, intervalSeconds: input.intervalSeconds))
  }

  static let bad: [(text: String, column: String?, message: String)] = [
    ("", nil, "The series is empty"),
    (" \n\n", nil, "The series is empty"),
    ("requests\n", nil, "The series is empty"),
    ("{\"values\": []}", nil, "The series is empty"),
    ("1\n\ntwo\n", nil, "'two' at line 3"),
    ("1\n-2\n", nil, "'-2' at line 2"),
    ("1\nnan\n", nil, "'nan' at line 2"),
    ("1\ninf\n", nil, "'inf' at line 2"),
    ("1\n1e999\n", nil, "'1e999' at line 2"),
    ("time,requests\n1,2\n", nil, "name one with --column: 'time', 'requests'"),
    ("time,requests\n1,2\n", "load", "no column 'load'; it has: 'time', 'requests'"),
    ("time,requests\n1,2\n3\n", "requests", "Line 3 of the series ends before"),
    ("time,requests\n1,\n", "requests", "'' at line 2"),
    ("a,b\n1,\"2\n3,4", "b", "opened on line 2"),
    ("{\"values\": [1, -2]}", nil, "'-2.0' at values[1]"),
    ("{\"values\": [1, null]}", nil, "values[1]"),
    ("{\"values\": [1, \"2\"]}", nil, "values[1]"),
    ("{\"value\": [1]}", nil, "the key 'values' is missing"),
    ("{\"values\": [1, 2", nil, "not JSON of the form"),
    ("{\"values\": [1e999]}", nil, "not JSON of the form"),
    ("{\"values\": [1], \"interval_seconds\": 0}", nil, "at least 1 second"),
    ("{\"values\": [1]}", "values", "leave it out"),
    ("[1, {}]", nil, "not JSON of the form"),
  ]

  @Test("it says what is wrong with a bad series", arguments: bad.indices)
  func itSaysWhatIsWrongWithABadSeries(_ index: Int) {
    let input = Self.bad[index]
    let error = #expect(throws: SeriesInputError.self) {
      try SeriesInput.parse(input.text, column: input.column)
    }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.contains(input.message), "\(input.text)")
    #expect(message.hasSuffix(".") && !message.hasSuffix(".."), "\(message)")
  }

  @Test("a message never quotes a long input")
  func aMessageNeverQuotesALongInput() throws {
    let error = #expect(throws: SeriesInputError.self) {
      try SeriesInput.parse("1\n" + String(repeating: "x", count: 100_000))
    }
    #expect(try #require(error).description.count < 300)
  }
}
