/// Reads a whole page line by line and gathers the gauges of each series.
///
/// Until the end a series is known by where its label values stand on the page: nothing is copied
/// for a sample of a series that was seen before.
struct RouterPageBuilder {
  private let page: UnsafePointer<UInt8>
  private let count: Int
  private let reader: LineReader
  private var table: SeriesTable
  private var malformedLines = MalformedLines()
  private var sampleCount = 0
  private var facts = PageFacts()
  private var oldestStamp = Double.infinity

  init(page: UnsafePointer<UInt8>, count: Int) {
    self.page = page
    self.count = count
    reader = LineReader(page: page)
    table = SeriesTable(page: page)
  }

  /// Reads all lines from offset `start` on.
  mutating func read(from start: Int) -> RouterPage {
    var position = start
    var lineNumber = 0
    var line = GaugeLine()
    while position < count {
      lineNumber += 1
      let end = position + offset(of: Ascii.newline, in: page + position, count - position)
      switch reader.read(position, end, expecting: table.expectedLabels, into: &line) {
      case .silent: break
      case .otherSample:
        sampleCount += 1
        facts.take(UnsafeBufferPointer(start: page + position, count: end - position))
      case .gauge:
        sampleCount += 1
        if line.stamp != 0 { oldestStamp = min(oldestStamp, Self.seconds(line.stamp)) }
        table.add(line, number: lineNumber)
      case .malformed:
        malformedLines.add(
          line: lineNumber, UnsafeBufferPointer(start: page + position, count: end - position))
      }
      position = end + 1
    }
    return RouterPage(
      series: table.series(), facts: facts, contradictions: table.contradictions,
      oldestStamp: oldestStamp.isFinite ? oldestStamp : nil, sampleCount: sampleCount,
      malformedLines: malformedLines)
  }

  /// Prometheus's own format counts milliseconds, OpenMetrics seconds; 1e11 is 1973 or the year 5138.
  private static func seconds(_ stamp: Double) -> Double { stamp > 1e11 ? stamp / 1000 : stamp }
}
