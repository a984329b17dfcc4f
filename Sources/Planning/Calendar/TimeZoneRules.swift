import Presentation

/// The offsets of a time zone from UTC, as the IANA database has them.
public struct TimeZoneRules: Sendable, Equatable {
  /// A change of the clocks.
  struct Transition: Sendable, Equatable {
    /// Unix seconds.
    var time: Int
    /// Seconds ahead of UTC from then on.
    var offset: Int
  }

  private let transitions: [Transition]
  /// Seconds ahead of UTC before the first transition.
  private let earliest: Int
  /// What goes on for ever after the last transition.
  private let rule: PosixTimeZone?

  /// Coordinated universal time.
  public static let utc = TimeZoneRules(transitions: [], earliest: 0, rule: nil)

  init(transitions: [Transition], earliest: Int, rule: PosixTimeZone?) {
    self.transitions = transitions
    self.earliest = earliest
    self.rule = rule
  }

  /// Seconds that local time is ahead of UTC.
  public func offset(at unixSeconds: Double) -> Int {
    guard let last = transitions.last else {
      return rule?.offset(at: unixSeconds) ?? earliest
    }
    if unixSeconds >= Double(last.time) { return rule?.offset(at: unixSeconds) ?? last.offset }
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if Double(transitions[middle].time) <= unixSeconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? earliest : transitions[low - 1].offset
  }

  /// A local time of a day and what became of it.
  public enum LocalMoment: Sendable, Equatable {
    /// It comes once.
    case once(Double)
    /// The clocks skip it: what begins then begins right after the gap.
    case skipped(Double)
    /// It comes twice: the first counts.
    case twice(Double)

    /// Unix seconds.
    public var unixSeconds: Double {
      switch self {
      case .once(let time), .skipped(let time), .twice(let time): time
      }
    }
  }

  /// The moment of a local time, given in seconds as if it were UTC.
  public func moment(_ local: Double) -> LocalMoment {
    let before = offset(at: local - 86_400)
    let after = offset(at: local + 86_400)
    let candidates = Set([before, after]).map { local - Double($0) }
      .filter { $0 + Double(offset(at: $0)) == local }.sorted()
    if candidates.count > 1 { return .twice(candidates[0]) }
    if let only = candidates.first { return .once(only) }
    // 02:30 where 02:00 becomes 03:00 is half an hour after the change by the old clock: the change
    // itself is what comes first of all that is left.
    var (low, high) = (local - Double(max(before, after)), local - Double(min(before, after)))
    while high - low > 1 {
      let middle = ((low + high) / 2).rounded(.down)
      if offset(at: middle) == before { low = middle } else { high = middle }
    }
    return .skipped(high)
  }
}

extension TimeZoneRules {
  /// Reads a compiled time zone; nil when the bytes are none. Source: RFC 8536.
  public init?(tzif bytes: [UInt8]) {
    var reader = TZifReader(bytes)
    guard let first = reader.header() else { return nil }
    guard first.version >= 2 else { return nil }
    // The first block has times of 32 bits and is for old readers.
    reader.skip(first.size(timeBytes: 4))
    guard let header = reader.header(), let block = reader.block(header) else { return nil }
    let footer = reader.footer()
    self.init(
      transitions: block.transitions, earliest: block.earliest,
      rule: footer.flatMap { PosixTimeZone($0) })
  }
}

/// Reads the parts of a TZif file.
private struct TZifReader {
  struct Header {
    var version: Int
    var isUTCount: Int
    var isStandardCount: Int
    var leapCount: Int
    var timeCount: Int
    var typeCount: Int
    var characterCount: Int

    func size(timeBytes: Int) -> Int {
      timeCount * (timeBytes + 1) + typeCount * 6 + characterCount + leapCount * (timeBytes + 4)
        + isStandardCount + isUTCount
    }
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func skip(_ count: Int) { position = min(bytes.count, position + count) }

  mutating func header() -> Header? {
    guard bytes.count >= position + 44,
      Array(bytes[position..<position + 4]) == Array("TZif".utf8)
    else { return nil }
    let version = Int(bytes[position + 4]) - 0x30
    position += 20
    let counts = (0..<6).map { _ in integer(4) }
    guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
    return Header(
      version: version, isUTCount: counts[0], isStandardCount: counts[1], leapCount: counts[2],
      timeCount: counts[3], typeCount: counts[4], characterCount: counts[5])
  }

  /// The transitions of the block with times of 64 bits.
  mutating func block(
    _ header: Header
  ) -> (transitions: [TimeZoneRules.Transition], earliest: Int)? {
    guard bytes.count >= position + header.size(timeBytes: 8), header.typeCount > 0 else {
      return nil
    }
    let times = (0..<header.timeCount).map { _ in integer(8) }
    let types = (0..<header.timeCount).map { _ in integer(1) & 0xFF }
    let offsets = (0..<header.typeCount).map { _ in
      let offset = integer(4)
      position += 2
      return offset
    }
    guard types.allSatisfy({ $0 < offsets.count }) else { return nil }
    skip(
      header.characterCount + header.leapCount * 12 + header.isStandardCount + header.isUTCount)
    let transitions = zip(times, types).map {
      TimeZoneRules.Transition(time: $0, offset: offsets[$1])
    }
    return (transitions, offsets[0])
  }

  /// The rule between the line feeds at the file's end.
  mutating func footer() -> String? {
    guard position < bytes.count, bytes[position] == 0x0A else { return nil }
    let text = bytes[(position + 1)...].prefix { $0 != 0x0A }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }

  /// A signed number, most significant byte first.
  private mutating func integer(_ count: Int) -> Int {
    var value = 0
    for index in 0..<count { value = value << 8 | Int(bytes[position + index]) }
    position += count
    let unused = 64 - count * 8
    return (value << unused) >> unused
  }
}
