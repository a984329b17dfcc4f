/// The series found so far: a hash table over pieces of the page.
struct SeriesTable {
  /// A series while the page is being read.
  private struct Entry {
    /// All labels as they stood on the first line.
    var labels: ByteSlice
    var workerID: ByteSlice
    var rank: ByteSlice
    var workerType: Int
    var model: Int
    var dynamoNamespace: Int
    var firstLine: Int
    var gauges: (Double, Double, Double, Double, Double) = (0, 0, 0, 0, 0)
    /// One bit a gauge: whether the page has it.
    var present: UInt8 = 0
  }

  private let page: UnsafePointer<UInt8>
  private var entries: [Entry] = []
  /// Open addressing, a power of two large: index into `entries`, or −1.
  private var slots = [Int32](repeating: -1, count: 64)
  /// The entry that the next line probably belongs to: the gauges stand on the page one after
  /// another, each with its workers in the same order.
  private var expected = 0
  private var workerTypes = LabelValues()
  private var models = LabelValues()
  private var dynamoNamespaces = LabelValues()
  private var repeated = NamedCases()

  init(page: UnsafePointer<UInt8>) { self.page = page }

  /// The labels that the next line probably has; absent when there is no telling.
  var expectedLabels: ByteSlice {
    expected < entries.count ? entries[expected].labels : ByteSlice()
  }

  /// Samples that came with different values, the first few by name.
  var contradictions: [String] { repeated.count > 0 ? [repeated.names] : [] }

  /// Stores one sample, read with ``expectedLabels``; a repeated one replaces what was there.
  @inline(__always)
  mutating func add(_ line: GaugeLine, number: Int) {
    let index = line.hasExpectedLabels ? expected : indexOfEntry(line, number: number)
    let bit = 1 << UInt8(line.gauge.rawValue) as UInt8
    if entries[index].present & bit != 0 { noteRepetition(of: index, line, number) }
    entries[index].present |= bit
    switch line.gauge {
    case .activePrefillTokens: entries[index].gauges.0 = line.value
    case .activeDecodeBlocks: entries[index].gauges.1 = line.value
    case .lastTTFTSeconds: entries[index].gauges.2 = line.value
    case .lastISL: entries[index].gauges.3 = line.value
    case .lastITLSeconds: entries[index].gauges.4 = line.value
    }
    expected = index + 1 == entries.count ? 0 : index + 1
  }

  @inline(never)
  private mutating func noteRepetition(of index: Int, _ line: GaugeLine, _ number: Int) {
    let gauges = entries[index].gauges
    let values = [gauges.0, gauges.1, gauges.2, gauges.3, gauges.4]
    let before = values[line.gauge.rawValue]
    guard before != line.value, !(before.isNaN && line.value.isNaN) else { return }
    repeated.add(
      "\(line.gauge.name) of worker \(Excerpt.of(entries[index].workerID.text(in: page).utf8)) is "
        + "\(before), and \(line.value) on line \(number)")
  }

  /// The series with their labels as text.
  func series() -> [RouterPage.Series] {
    let workerTypes = workerTypes.texts
    let models = models.texts.map { $0.isEmpty ? nil : $0 }
    let dynamoNamespaces = dynamoNamespaces.texts.map { $0.isEmpty ? nil : $0 }
    return entries.map { entry in
      func gauge(_ gauge: RouterGauge, _ value: Double) -> Double? {
        entry.present & (1 << UInt8(gauge.rawValue)) == 0 ? nil : value
      }
      return RouterPage.Series(
        workerID: entry.workerID.text(in: page), rank: entry.rank.text(in: page),
        workerType: workerTypes[entry.workerType], model: models[entry.model],
        dynamoNamespace: dynamoNamespaces[entry.dynamoNamespace], firstLine: entry.firstLine,
        activePrefillTokens: gauge(.activePrefillTokens, entry.gauges.0),
        activeDecodeBlocks: gauge(.activeDecodeBlocks, entry.gauges.1),
        lastTTFTSeconds: gauge(.lastTTFTSeconds, entry.gauges.2),
        lastISL: gauge(.lastISL, entry.gauges.3),
        lastITLSeconds: gauge(.lastITLSeconds, entry.gauges.4))
    }
  }

  /// The entry that a line belongs to, a new one if there is none.
  @inline(never)
  private mutating func indexOfEntry(_ line: GaugeLine, number: Int) -> Int {
    let candidate = Entry(
      labels: line.labels, workerID: line.workerID, rank: line.rank,
      workerType: workerTypes.number(of: line.workerType, in: page),
      model: models.number(of: line.model, in: page),
      dynamoNamespace: dynamoNamespaces.number(of: line.dynamoNamespace, in: page),
      firstLine: number)
    if entries.count * 2 >= slots.count { grow() }
    let mask = slots.count - 1
    var slot = hash(candidate) & mask
    while slots[slot] >= 0 {
      if isSame(entries[Int(slots[slot])], candidate) { return Int(slots[slot]) }
      slot = (slot + 1) & mask
    }
    slots[slot] = Int32(entries.count)
    entries.append(candidate)
    return entries.count - 1
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 4)
    let mask = slots.count - 1
    for index in entries.indices {
      var slot = hash(entries[index]) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(index)
    }
  }

  @inline(__always)
  private func isSame(_ left: Entry, _ right: Entry) -> Bool {
    left.workerID.equals(right.workerID, in: page) && left.rank.equals(right.rank, in: page)
      && left.workerType == right.workerType && left.model == right.model
      && left.dynamoNamespace == right.dynamoNamespace
  }

  private func hash(_ entry: Entry) -> Int {
    let numbers = (entry.workerType &* 31 &+ entry.model) &* 31 &+ entry.dynamoNamespace
    var state = UInt64(truncatingIfNeeded: numbers) &+ 0xcbf2_9ce4_8422_2325
    for slice in [entry.workerID, entry.rank] {
      for offset in 0..<slice.count {
        state = (state ^ UInt64(page[slice.start + offset])) &* 0x100_0000_01b3
      }
    }
    return Int(truncatingIfNeeded: state ^ (state >> 29))
  }
}
