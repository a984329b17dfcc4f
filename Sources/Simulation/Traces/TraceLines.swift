/// Cuts a trace into lines and makes requests of them.
struct TraceLines {
  private let rules: TraceRules
  private let format: TraceFormat?
  private var parser: TraceRowParser?
  private var partial: [UInt8] = []
  /// Lines read to their end.
  private(set) var complete = 0
  private var trace = RequestTrace()
  private var skipped = TraceReader.Skipped()
  private var isUnsorted = false

  init(format: TraceFormat?, rules: TraceRules) {
    self.format = format
    self.rules = rules
  }

  mutating func read(_ bytes: ArraySlice<UInt8>) throws(TraceError) {
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if partial.isEmpty {
        try take(rest[..<end])
      } else {
        partial += rest[..<end]
        let line = partial
        partial.removeAll(keepingCapacity: true)
        try take(line[...])
      }
      rest = rest[(end + 1)...]
    }
    partial += rest
    if partial.count > TraceError.longestLine { throw .lineTooLong(complete + 1) }
  }

  mutating func finish() throws(TraceError) -> (RequestTrace, TraceReader.Skipped) {
    if !partial.isEmpty {
      let line = partial
      partial = []
      try take(line[...])
    }
    guard !trace.isEmpty else {
      throw .empty(skippedLines: skipped.count, example: skipped.examples.first)
    }
    let result = (isUnsorted ? trace.sorted() : trace).fromZero()
    try checkUnit(of: result)
    guard result.duration <= TraceShaping.longestTrace else { throw .tooLong(result.duration) }
    return (result, skipped)
  }

  /// Mooncake's time stamps count milliseconds; other people's, under the same keys, seconds.
  ///
  /// As milliseconds they are refused when the trace is over within a minute at more than 100
  /// requests a second, and would be one of more than a minute as seconds: 1,440 requests in 720 s
  /// would be 2,000 a second for 0.72 s.
  private func checkUnit(of trace: RequestTrace) throws(TraceError) {
    guard case .mooncake? = parser, rules.timeUnit == nil, trace.duration > 0 else { return }
    let rate = Double(trace.count) / trace.duration
    guard trace.duration < 60, rate > 100, trace.duration * 1000 > 60 else { return }
    throw .implausibleUnit(
      .milliseconds, rate: rate, seconds: trace.duration, probably: .seconds)
  }

  private mutating func take(_ line: ArraySlice<UInt8>) throws(TraceError) {
    complete += 1
    var line = DecimalNumber.trimmed(line)
    if complete == 1, line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
    guard !line.isEmpty else { return }
    if let parser {
      try add(line, parser)
    } else {
      try begin(line)
    }
  }

  private mutating func add(
    _ line: ArraySlice<UInt8>, _ parser: TraceRowParser
  ) throws(TraceError) {
    guard trace.count < RequestTrace.mostRequests else { throw .tooManyRequests(trace.count + 1) }
    do throws(LineFault) {
      let row = try parser.row(line)
      if let last = trace.arrivals.last, row.time < last {
        guard rules.sorts else { throw .unsorted }
        isUnsorted = true
      }
      trace.append(arrival: row.time, isl: row.isl, osl: row.osl, blocks: row.blocks)
    } catch {
      guard rules.skipsBadLines else { throw .line(complete, error) }
      skipped.add(complete, error)
    }
  }

  // MARK: The first line

  /// Learns from the first line how the others are to be read.
  private mutating func begin(_ line: ArraySlice<UInt8>) throws(TraceError) {
    // What was inside of gzip has not been looked at yet.
    try ForeignEncoding.refuse(line)
    let format: TraceFormat
    if let known = self.format { format = known } else { format = try detect(line) }
    switch format {
    case .mooncake:
      let objects = TraceRowParser.mooncake(unit: rules.timeUnit ?? .milliseconds)
      parser = objects
      try add(line, objects)
    case .azure:
      var columns = TraceColumns.azure
      columns.unit = rules.timeUnit ?? columns.unit
      parser = .csv(try indices(of: columns, in: line))
    case .csv(let columns): parser = .csv(try indices(of: columns, in: line))
    }
  }

  private func detect(_ line: ArraySlice<UInt8>) throws(TraceError) -> TraceFormat {
    if line.first == UInt8(ascii: "{") { return .mooncake }
    if line.first == UInt8(ascii: "[") { throw .jsonArray }
    let names = (try? CSVLine.names(line)) ?? []
    let azure = TraceColumns.azure
    if [azure.time, azure.isl, azure.osl].allSatisfy(names.contains) { return .azure }
    throw .unknownFormat(firstLine: String(decoding: line.prefix(200), as: UTF8.self))
  }

  private func indices(
    of columns: TraceColumns, in line: ArraySlice<UInt8>
  ) throws(TraceError) -> TraceRowParser.ColumnIndices {
    let names: [String]
    do throws(LineFault) {
      names = try CSVLine.names(line)
    } catch {
      throw .line(complete, error)
    }
    func index(_ name: String) throws(TraceError) -> Int {
      guard let index = names.firstIndex(of: name) else {
        throw .noColumn(name, columns: names)
      }
      return index
    }
    return TraceRowParser.ColumnIndices(
      time: try index(columns.time), isl: try index(columns.isl), osl: try index(columns.osl),
      unit: columns.unit)
  }
}
