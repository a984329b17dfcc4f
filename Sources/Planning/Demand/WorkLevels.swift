import Forecasting

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What is remembered of a component's work: its level at several paces, two hours of the level of
/// a minute, the records of a day's hours and a day in steps of five minutes. All are logarithms of
/// tokens a second; work below one token a second counts as one.
struct WorkLevels: Codable, Sendable, Equatable {
  /// Time constants of the moving averages, seconds.
  static let paces = [60.0, 180, 240]
  private static let remembered = 480
  private static let latestSeconds = 30.0
  private static let hours = 24
  private static let slotSeconds = 300
  private static let slotsOfADay = 288

  private struct Record: Codable, Sendable, Equatable {
    var hour: Int
    var level: Double
  }

  /// Work of the last two steps, or of the last if it is long, tokens a second.
  private var lastTwo: [Double] = []
  /// Moving averages of the work, tokens a second, in the order of ``paces``.
  private var averages: [Double] = []
  /// Steps seen.
  private(set) var count = 0
  private var levels = PackedFloats()
  private var records: [Record] = []
  private var slots = PackedFloats()
  private var slot: Int?
  private var slotSum = 0.0
  private var slotCount = 0.0

  /// Takes the work of the next step.
  ///
  /// - Parameters:
  ///   - elapsed: seconds since the end of the step before.
  mutating func observe(_ work: Double, end: Int, elapsed: Double) {
    count += 1
    // Two steps of 15 s are half a minute; one of 60 s is more than that already.
    lastTwo = (lastTwo + [work]).suffix(elapsed < Self.latestSeconds ? 2 : 1)
    if averages.isEmpty { averages = Self.paces.map { _ in work } }
    for (index, pace) in Self.paces.enumerated() {
      // Until the pace is filled, the mean of what there is.
      let weight = max(1 - exp(-elapsed / pace), 1 / Double(count))
      averages[index] += weight * (work - averages[index])
    }
    levels.append(Float(minute), limit: Self.remembered)
    let hour = end / 3600
    if records.last?.hour == hour {
      records[records.count - 1].level = max(records[records.count - 1].level, minute)
    } else {
      records.append(Record(hour: hour, level: minute))
    }
    records.removeAll { $0.hour < hour - Self.hours }
    keepSlot(work, end: end)
  }

  /// Level of the last 30 s, or of the last step if that is longer.
  var latest: Double { Self.log(lastTwo.reduce(0, +) / Double(max(1, lastTwo.count))) }
  /// Level of a minute.
  var minute: Double { Self.log(averages.first ?? 0) }
  /// Level of three minutes.
  var slow: Double { Self.log(averages.count > 1 ? averages[1] : 0) }
  /// The highest level of a minute of the last day.
  var record: Double { records.map(\.level).max() ?? minute }
  /// The highest level of a minute of the last half hour.
  func highest(steps: Int) -> Double { Double(levels.values.suffix(max(1, steps)).max() ?? 0) }

  /// Growth of the level a second: how far a minute's is ahead of four minutes'.
  var slope: Double {
    guard averages.count > 2 else { return 0 }
    return (minute - Self.log(averages[2])) / (Self.paces[2] - Self.paces[0])
  }

  /// Growth of the level over so many steps, the second largest of those that began in the last
  /// `window` steps (the largest may be chance); nil where there are none.
  func growth(over steps: Int, window: Int = Self.remembered) -> Double? {
    let levels = levels.values
    let first = max(steps, levels.count - window)
    guard levels.count - first >= 2 else { return nil }
    var (largest, second) = (-Float.infinity, -Float.infinity)
    for index in first..<levels.count {
      let growth = levels[index] - levels[index - steps]
      if growth > largest {
        (largest, second) = (growth, largest)
      } else if growth > second {
        second = growth
      }
    }
    return Double(second)
  }

  /// How the level went on a day ago, from the same time to `lead` seconds later; nil where that was
  /// not seen.
  func dailyChange(lead: Int) -> Double? {
    guard let slot, slots.values.count >= Self.slotsOfADay else { return nil }
    let oldest = slot - slots.values.count
    let then = slot - Self.slotsOfADay - oldest
    let later = then + (lead + Self.slotSeconds / 2) / Self.slotSeconds
    guard slots.values.indices.contains(then), slots.values.indices.contains(later) else {
      return nil
    }
    return Double(slots.values[later] - slots.values[then])
  }

  private mutating func keepSlot(_ work: Double, end: Int) {
    let index = (end - 1) / Self.slotSeconds
    if let slot, index != slot {
      let level = Float(Self.log(slotSum / max(1, slotCount)))
      // A gap repeats what was before it; one of a day leaves nothing to compare with.
      let missed = min(max(1, index - slot), Self.slotsOfADay)
      for _ in 0..<missed { slots.append(level, limit: Self.slotsOfADay + 1) }
      (slotSum, slotCount) = (0, 0)
    }
    slot = index
    slotSum += work
    slotCount += 1
  }

  private static func log(_ work: Double) -> Double {
    #if canImport(Glibc)
      Glibc.log(max(1, work))
    #else
      Foundation.log(max(1, work))
    #endif
  }
}
