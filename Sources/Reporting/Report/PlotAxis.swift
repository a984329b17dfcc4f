import Invocation
import Presentation

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// An axis of numbers with ticks at round values.
struct NumberAxis: Equatable {
  /// Where there are ticks, at least two; the first and the last are the ends of the axis.
  let ticks: [Double]
  private let step: Double

  /// An axis that holds `low`…`high`.
  ///
  /// - Parameter wholeSteps: whether ticks stand at whole numbers only, as for counts.
  init(low: Double, high: Double, wholeSteps: Bool = false) {
    guard low.isFinite, high.isFinite, low.magnitude < 1e15, high.magnitude < 1e15 else {
      ticks = [0, 1]
      step = 1
      return
    }
    var (low, high) = (min(low, high), max(low, high))
    if high - low < max(high.magnitude, 1) * 1e-9 {
      let margin = max(high.magnitude / 10, wholeSteps ? 1 : 0.5)
      low = low < 0 ? low - margin : max(0, low - margin)
      high += margin
    }
    let step = Self.step(for: (high - low) / 4, wholeSteps: wholeSteps)
    let first = (low / step + 1e-9).rounded(.down)
    let last = max(first + 1, (high / step - 1e-9).rounded(.up))
    ticks = stride(from: first, through: last, by: 1).map {
      // Dividing by a whole number keeps decimals exact.
      step < 1 ? $0 / (1 / step).rounded() : $0 * step
    }
    self.step = step
  }

  var low: Double { ticks[0] }
  var high: Double { ticks[ticks.count - 1] }

  private static func step(for rough: Double, wholeSteps: Bool) -> Double {
    let exponent = log10(rough).rounded(.down)
    let power = exponent < 0 ? 1 / pow(10, -exponent) : pow(10, exponent)
    let step = ([1, 2, 5].first { $0 * power >= rough * 0.999 } ?? 10) * power
    return wholeSteps ? max(1, step) : step
  }

  /// What is written at a tick.
  func label(_ tick: Double) -> String {
    let most = max(low.magnitude, high.magnitude)
    let (unit, name) = most >= 1e9 ? (1e9, "G") : most >= 1e6 ? (1e6, "M") : (1e3, "k")
    guard most >= 10_000 else { return Numbers.short(tick, decimals(step)) }
    return tick == 0 ? "0" : Numbers.short(tick / unit, decimals(step / unit)) + name
  }

  private func decimals(_ step: Double) -> Int {
    step >= 1 ? 0 : Int(min(9, (-log10(step) - 1e-9).rounded(.up)))
  }
}

/// An axis of time with ticks at round moments.
struct TimeAxis: Equatable {
  /// One tick.
  struct Tick: Equatable {
    var time: Double
    var label: String
    /// The day or year, where it is a new one.
    var subLabel: String?
  }

  let start: Double
  let end: Double
  let ticks: [Tick]

  /// An axis of `start`…`end`, which is after `start`.
  init(start: Double, end: Double, clock: ReportClock) {
    self.start = start
    self.end = end
    let steps: [Double] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
      86_400, 172_800, 604_800, 1_209_600,
    ]
    let step = steps.first { (end - start) / $0 <= 5 }
    switch clock {
    case .elapsed(let since):
      let long = ((end - start) / 5 / 86_400).rounded(.up) * 86_400
      ticks = Self.elapsed(start - since, end - since, step: step ?? long).map {
        Tick(time: $0.time + since, label: $0.label)
      }
    case .utc:
      ticks = step.map { Self.even(start, end, step: $0) } ?? Self.months(start, end)
    }
  }

  private static func elapsed(_ start: Double, _ end: Double, step: Double) -> [Tick] {
    let (unit, name) = step >= 3600 ? (3600.0, "h") : step >= 60 ? (60, "min") : (1, "s")
    return multiples(of: step, start, end).map {
      Tick(time: $0, label: "\(Numbers.short($0 / unit, 0)) \(name)")
    }
  }

  private static func even(_ start: Double, _ end: Double, step: Double) -> [Tick] {
    var ticks: [Tick] = []
    var before: CivilDay?
    for time in multiples(of: step, start, end) {
      guard let day = CivilDay(unixSeconds: time) else { continue }
      let clock = ReportClock.utc.text(time).suffix(8)
      if step < 86_400 {
        ticks.append(
          Tick(
            time: time, label: String(step < 60 ? clock : clock.prefix(5)),
            subLabel: day == before ? nil : "\(day.monthName) \(day.day)"))
      } else {
        ticks.append(
          Tick(
            time: time, label: "\(day.monthName) \(day.day)",
            subLabel: day.year == before?.year ? nil : "\(day.year)"))
      }
      before = day
    }
    return ticks
  }

  private static func multiples(of step: Double, _ start: Double, _ end: Double) -> [Double] {
    guard step > 0, start.magnitude < 1e12, end.magnitude < 1e12 else { return [] }
    return Array(stride(from: (start / step).rounded(.up) * step, through: end, by: step).prefix(9))
  }

  private static func months(_ start: Double, _ end: Double) -> [Tick] {
    guard var day = CivilDay(unixSeconds: start), day.unixSeconds.isFinite else { return [] }
    let count = (end - start) / (30.44 * 86_400)
    let step = [1, 2, 3, 6, 12, 24, 60, 120, 600].first { count / Double($0) <= 6 } ?? 6000
    day.day = 1
    day.month = (day.month - 1) / min(step, 12) * min(step, 12) + 1
    var ticks: [Tick] = []
    var year: Int?
    while day.unixSeconds <= end, ticks.count < 9 {
      if day.unixSeconds >= start {
        ticks.append(
          Tick(
            time: day.unixSeconds, label: day.monthName,
            subLabel: day.year == year ? nil : "\(day.year)"))
        year = day.year
      }
      let months = day.month - 1 + step
      day.year += months / 12
      day.month = months % 12 + 1
    }
    return ticks
  }
}
