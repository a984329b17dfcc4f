/// A request as a line has it.
struct TraceRow {
  var time: Double
  var isl: Int32
  var osl: Int32
  /// Ids of the prompt's blocks; empty when they are not told.
  var blocks: [Int32] = []
}

/// Makes requests of lines.
enum TraceRowParser {
  /// One JSON object a line.
  case mooncake(unit: TraceTimeUnit)
  /// Fields of a CSV line.
  case csv(ColumnIndices)

  /// Where a CSV has what, counted from 0.
  struct ColumnIndices {
    var time: Int
    var isl: Int
    var osl: Int
    var unit: TraceTimeUnit
  }

  func row(_ line: ArraySlice<UInt8>) throws(LineFault) -> TraceRow {
    switch self {
    case .mooncake(let unit): try Self.mooncakeRow(line, unit)
    case .csv(let columns): try Self.csvRow(line, columns)
    }
  }

  private static let mooncakeKeys = ["timestamp", "input_length", "output_length"]
  private static let mooncakeKeyBytes = mooncakeKeys.map { Array($0.utf8) }

  private static func mooncakeRow(
    _ line: ArraySlice<UInt8>, _ unit: TraceTimeUnit
  ) throws(LineFault) -> TraceRow {
    let numbers = try JSONLine.numbers(line, keys: mooncakeKeyBytes)
    func number(_ index: Int) throws(LineFault) -> ArraySlice<UInt8> {
      guard let number = numbers[index] else { throw .missing(mooncakeKeys[index]) }
      guard number.first != UInt8(ascii: "\"") else {
        let text = String(decoding: number.dropFirst().dropLast().prefix(100), as: UTF8.self)
        throw .quotedNumber(name: mooncakeKeys[index], text: text)
      }
      return number
    }
    return TraceRow(
      time: try time(number(0), unit: unit),
      isl: try length(number(1), name: mooncakeKeys[1]),
      osl: try length(number(2), name: mooncakeKeys[2]),
      blocks: BlockIDs.of(line))
  }

  private static func csvRow(
    _ line: ArraySlice<UInt8>, _ columns: ColumnIndices
  ) throws(LineFault) -> TraceRow {
    var time: ArraySlice<UInt8>?
    var isl: ArraySlice<UInt8>?
    var osl: ArraySlice<UInt8>?
    try CSVLine.forEachField(line) { index, field in
      if index == columns.time { time = field }
      if index == columns.isl { isl = field }
      if index == columns.osl { osl = field }
    }
    guard let time else { throw .missing("the time") }
    guard let isl else { throw .missing("the input length") }
    guard let osl else { throw .missing("the output length") }
    return TraceRow(
      time: try Self.time(time, unit: columns.unit),
      isl: try length(isl, name: "the input length"),
      osl: try length(osl, name: "the output length"))
  }

  private static func time(
    _ text: ArraySlice<UInt8>, unit: TraceTimeUnit
  ) throws(LineFault) -> Double {
    if let time = TraceTime.seconds(DecimalNumber.trimmed(text), unit: unit) { return time }
    let shown = String(decoding: text.prefix(100), as: UTF8.self)
    if let probably = TraceTime.probableUnit(DecimalNumber.trimmed(text)) {
      throw .hugeTime(shown, probably: probably)
    }
    throw .badTime(shown)
  }

  private static func length(
    _ text: ArraySlice<UInt8>, name: String
  ) throws(LineFault) -> Int32 {
    guard let value = DecimalNumber.value(text), value >= 1,
      value <= Double(RequestTrace.longestSequence), value == value.rounded()
    else {
      throw .badLength(name: name, text: String(decoding: text.prefix(100), as: UTF8.self))
    }
    return Int32(value)
  }
}
