/// Reads single lines of a page in the text exposition format (Prometheus 0.0.4, OpenMetrics 1.0
/// and the quoted UTF-8 names of Prometheus 3).
///
/// Only samples of the router's worker gauges are read in full. Of other samples the name is
/// checked, and the value where it follows the name; with labels only that the line ends as a
/// number does: enough to tell a metrics page from an error page, at the speed of a scan.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
struct LineReader {
  /// The page. Every offset is relative to it.
  let page: UnsafePointer<UInt8>

  /// Reads the line at `start..<end` (without its line feed).
  ///
  /// - Parameters:
  ///   - expected: the labels of another line on the page which this one probably has, too.
  ///   - line: filled when the result is `gauge`, unspecified otherwise.
  @inline(__always)
  func read(
    _ start: Int, _ end: Int, expecting expected: ByteSlice, into line: inout GaugeLine
  ) -> LineKind {
    var position = start
    var end = end
    while end > position, Ascii.isBlank(page[end - 1]) { end -= 1 }
    skipBlanks(&position, end)
    guard position < end else { return .silent }
    let first = page[position]
    if first == Ascii.hash { return .silent }
    line = GaugeLine()
    if first == Ascii.openBrace { return readQuotedName(position + 1, end, into: &line) }

    guard let gauge = RouterGauge(nameAt: page + position, end - position) else {
      return readOther(position, end)
    }
    line.gauge = gauge
    position += gauge.nameCount
    skipBlanks(&position, end)
    if position < end, page[position] == Ascii.openBrace {
      let start = position
      if expected.count > 0, expected.count <= end - position,
        bytesAreEqual(page + position, page + expected.start, expected.count)
      {
        position += expected.count
        line.hasExpectedLabels = true
      } else {
        position += 1
        guard readLabels(&position, end, into: &line) else { return .malformed }
      }
      line.labels = ByteSlice(start: start, count: position - start)
    }
    return readValue(&position, end, &line.value, &line.stamp) ? .gauge : .malformed
  }

  /// A sample of a metric that is none of ours, or no sample at all.
  private func readOther(_ start: Int, _ end: Int) -> LineKind {
    var position = start
    guard Ascii.startsName(page[position]) else { return .malformed }
    repeat { position += 1 } while position < end && Ascii.continuesName(page[position])
    guard position < end else { return .malformed }
    let isSeparated = Ascii.isBlank(page[position])
    skipBlanks(&position, end)
    if page[position] == Ascii.openBrace {
      return endsAsNumber(end) ? .otherSample : .malformed
    }
    var (value, stamp) = (0.0, 0.0)
    return isSeparated && readValue(&position, end, &value, &stamp) ? .otherSample : .malformed
  }

  /// `{"name", label="value"} 1`: `position` is behind the brace.
  private func readQuotedName(_ start: Int, _ end: Int, into line: inout GaugeLine) -> LineKind {
    var position = start
    skipBlanks(&position, end)
    guard let name = readQuoted(&position, end) else { return .malformed }
    skipBlanks(&position, end)
    guard position < end, page[position] == Ascii.comma || page[position] == Ascii.closeBrace
    else { return .malformed }
    guard name.count > 0, let gauge = RouterGauge(nameAt: page + name.start, name.count),
      gauge.nameCount == name.count
    else {
      return endsAsNumber(end) ? .otherSample : .malformed
    }
    line.gauge = gauge
    if page[position] == Ascii.comma { position += 1 }
    guard readLabels(&position, end, into: &line),
      readValue(&position, end, &line.value, &line.stamp)
    else { return .malformed }
    return .gauge
  }

  /// Labels up to and with the closing brace: `position` is behind the opening one.
  @inline(__always)
  private func readLabels(_ position: inout Int, _ end: Int, into line: inout GaugeLine) -> Bool {
    while true {
      skipBlanks(&position, end)
      guard position < end else { return false }
      if page[position] == Ascii.closeBrace {
        position += 1
        return true
      }
      var name = ByteSlice(start: position, count: 0)
      if page[position] == Ascii.quote {
        guard let quoted = readQuoted(&position, end) else { return false }
        name = quoted
      } else {
        while position < end, Ascii.continuesName(page[position]) { position += 1 }
        name.count = position - name.start
      }
      skipBlanks(&position, end)
      guard name.count > 0, position < end, page[position] == Ascii.equals else { return false }
      position += 1
      skipBlanks(&position, end)
      guard let value = readQuoted(&position, end),
        line.take(value, forLabel: page + name.start, name.count)
      else { return false }
      skipBlanks(&position, end)
      guard position < end else { return false }
      if page[position] == Ascii.comma {
        position += 1
      } else if page[position] != Ascii.closeBrace {
        return false
      }
    }
  }

  /// A quoted text at `position`, which moves behind the closing quote; nil when it isn't closed.
  @inline(__always)
  private func readQuoted(_ position: inout Int, _ end: Int) -> ByteSlice? {
    guard position < end, page[position] == Ascii.quote else { return nil }
    position += 1
    var slice = ByteSlice(start: position)
    while position < end {
      let byte = page[position]
      if byte == Ascii.quote {
        slice.count = position - slice.start
        position += 1
        return slice
      }
      if byte == Ascii.backslash {
        slice.isEscaped = true
        position += 1
      }
      position += 1
    }
    return nil
  }

  /// A value, an optional time stamp and an optional exemplar, up to the end of the line.
  @inline(__always)
  private func readValue(
    _ position: inout Int, _ end: Int, _ value: inout Double, _ stamp: inout Double
  ) -> Bool {
    skipBlanks(&position, end)
    guard let number = readNumber(&position, end) else { return false }
    value = number
    if position == end { return true }
    skipBlanks(&position, end)
    if page[position] != Ascii.hash {
      guard let number = readNumber(&position, end) else { return false }
      stamp = number
      skipBlanks(&position, end)
    }
    return position == end || page[position] == Ascii.hash
  }

  @inline(__always)
  private func readNumber(_ position: inout Int, _ end: Int) -> Double? {
    let start = position
    while position < end, !Ascii.isBlank(page[position]) { position += 1 }
    return DecimalText.value(page + start, position - start)
  }

  @inline(__always)
  private func skipBlanks(_ position: inout Int, _ end: Int) {
    while position < end, Ascii.isBlank(page[position]) { position += 1 }
  }

  /// Whether the last byte of a (trimmed) line is one that a number or `NaN`, `Inf`, `Infinity`
  /// can end with.
  private func endsAsNumber(_ end: Int) -> Bool {
    let last = page[end - 1]
    if Ascii.isDigit(last) || last == Ascii.point { return true }
    switch last | 0x20 {
    case UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "y"): return true
    default: return false
    }
  }
}
