import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("A Prophet model")
struct ProphetModelTests {
  /// Traffic with a bend and, over two days and more, a daily wave.
  static func history(count: Int, spacing: Int, seed: UInt64) -> (times: [Int], values: [Double]) {
    var noise = SeededRandom(seed: seed)
    let times = (0..<count).map { 1_700_000_000 + $0 * spacing }
    let values = times.indices.map { index in
      let position = Double(index) / Double(count)
      let wave = 20 * sin(2 * Double.pi * Double(times[index]) / 86_400)
      return 100 + 80 * max(0, position - 0.4) + wave + 10 * noise.uniform()
    }
    return (times, values)
  }

  @Test("a line goes on as a line", arguments: [2, 3, 5, 20, 50, 400])
  func line(count: Int) throws {
    let times = (0..<count).map { $0 * 180 }
    let model = try ProphetModel(times: times, values: times.map { 7 + 0.25 * Double($0) })
    for ahead in 1...3 {
      let time = (count - 1 + ahead) * 180
      let expected = 7 + 0.25 * Double(time)
      #expect(abs(model.forecast(at: time) - expected) < 1e-8 * expected)
    }
  }

  @Test("a constant stays what it is", arguments: [0, 5, -3, 1e300, 0x1p-1074])
  func constant(value: Double) throws {
    let model = try ProphetModel(
      times: [0, 60, 120, 180], values: [value, value, value, value])
    #expect(model.forecast(at: 240) == value)
    #expect(model.forecast(at: 240, quantile: 0.9) == value)
    #expect(model.logDensity == nil)
  }

  @Test("a daily and a weekly wave go on")
  func waves() throws {
    func value(_ time: Int) -> Double {
      let day = 2 * Double.pi * Double(time) / 86_400
      return 100 + 30 * sin(day) + 10 * cos(2 * day) + 15 * cos(day / 7)
    }
    let times = (0..<1000).map { 1_700_000_000 + $0 * 1800 }
    let model = try ProphetModel(times: times, values: times.map(value))
    #expect(model.seasonalities == [.weekly, .daily])
    for ahead in [1, 20, 200] {
      let time = 1_700_000_000 + (999 + ahead) * 1800
      #expect(abs(model.forecast(at: time) - value(time)) < 0.01)
    }
  }

  @Test("no parameters near the mode are more probable", arguments: [20, 60, 300])
  func mode(count: Int) throws {
    let (times, values) = Self.history(count: count, spacing: 1800, seed: UInt64(count))
    let model = try ProphetModel(times: times, values: values)
    let span = Double(times[count - 1] - times[0])
    let changepoints = model.changepoints.map { Double($0 - times[0]) / span }
    func density(_ change: (inout ProphetModel.Parameters) -> Void) -> Double {
      var parameters = model.parameters
      change(&parameters)
      return prophetLogDensity(
        parameters, model.seasonalities, times: times, values: values, changepoints: changepoints)
    }
    let best = density { _ in }
    for step in [1e-2, -1e-2, 1e-4, -1e-4, 1e-6, -1e-6] {
      // Rounding of a density of order 100.
      let limit = best + 1e-11
      #expect(density { $0.k += step } <= limit)
      #expect(density { $0.m += step } <= limit)
      #expect(density { $0.sigma *= 1 + step } <= limit)
      for index in model.parameters.delta.indices {
        #expect(density { $0.delta[index] += step } <= limit)
      }
      for index in model.parameters.beta.indices {
        #expect(density { $0.beta[index] += step } <= limit)
      }
    }
  }

  @Test("values in another unit give the forecast in that unit", arguments: [1e-200, 0.01, 1e250])
  func scaleEquivariance(factor: Double) throws {
    let (times, values) = Self.history(count: 60, spacing: 180, seed: 3)
    let model = try ProphetModel(times: times, values: values)
    let scaled = try ProphetModel(times: times, values: values.map { $0 * factor })
    let next = times[59] + 180
    #expect(
      abs(scaled.forecast(at: next) / factor - model.forecast(at: next))
        < 1e-9 * model.forecast(at: next))
  }

  @Test(
    "a history of another time forecasts the same", arguments: [-86_400 * 30, 1234, 40_000_000])
  func timeShift(shift: Int) throws {
    let (times, values) = Self.history(count: 200, spacing: 1800, seed: 5)
    let model = try ProphetModel(times: times, values: values)
    let moved = try ProphetModel(times: times.map { $0 + shift }, values: values)
    let next = times[199] + 1800
    #expect(model.seasonalities == [.daily])
    // A sine and a cosine turn into each other; their prior doesn't mind.
    #expect(
      abs(moved.forecast(at: next + shift) - model.forecast(at: next))
        < 1e-9 * model.forecast(at: next))
  }

  @Test(
    "a gap of any length keeps the trend's slope in time", arguments: [360, 86_400, 400_000_000])
  func gap(seconds: Int) throws {
    let times = (0..<20).map { $0 * 180 } + (0..<20).map { 3420 + seconds + $0 * 180 }
    let model = try ProphetModel(times: times, values: times.map { 10 + Double($0) / 1000 })
    let next = times[39] + 180
    let expected = 10 + Double(next) / 1000
    #expect(abs(model.forecast(at: next) - expected) < 1e-6 * expected)
  }

  @Test(
    "seasonalities need two periods and more than a point in one",
    arguments: [
      (172_799, 1800, []), (172_800, 1800, ["daily"]), (172_800, 86_400, []),
      (1_209_599, 3600, ["daily"]), (1_209_600, 3600, ["weekly", "daily"]),
      (1_209_600, 86_400, ["weekly"]), (1_209_600, 604_800, []),
      (63_071_999, 604_800, []), (63_072_000, 604_800, ["yearly"]),
      (63_072_000, 60, ["yearly", "weekly", "daily"]),
    ] as [(Int, Int, [String])])
  func seasonalities(span: Int, spacing: Int, expected: [String]) {
    let found = ProphetSeasonality.automatic(span: span, spacing: spacing)
    #expect(found.map(\.rawValue) == expected)
  }

  @Test(
    "changepoints lie in the first 80 % of the points",
    arguments: [
      (2, []), (3, [1]), (5, [1, 2, 3]), (10, [1, 2, 3, 4, 5, 6, 7]),
    ] as [(Int, [Int])])
  func changepoints(count: Int, expected: [Int]) {
    #expect(ProphetDesign.changepointRows(count: count) == expected)
    #expect(ProphetDesign.changepointRows(count: 1000).count == 25)
    #expect(ProphetDesign.changepointRows(count: 1000).last == 799)
  }

  @Test("the normal equations are those of the columns written out")
  func normalEquations() {
    let (times, values) = Self.history(count: 130, spacing: 3600, seed: 11)
    let design = ProphetDesign(times: times, values: values)
    let equations = ProphetNormalEquations(design)
    let seasonal = design.seasonalColumns
    #expect(seasonal == 8 && equations.size == 35)
    let rows = times.indices.map { row -> [Double] in
      let features = design.features[(row * design.width)..<((row + 1) * design.width)]
      return [1] + features.dropFirst(2)
        + design.knotRows.map { max(0, design.scaledTimes[row] - design.scaledTimes[$0]) }
    }
    for first in 0..<equations.size {
      for second in 0..<equations.size {
        let expected = rows.reduce(0) { $0 + $1[first] * $1[second] }
        #expect(abs(equations.gram[first * equations.size + second] - expected) < 1e-11)
      }
      let right = times.indices.reduce(0) {
        $0 + rows[$1][first] * values[$1] / design.valueScale
      }
      #expect(abs(equations.right[first] - right) < 1e-11)
    }
  }

  @Test(
    "what is no series is refused with a sentence",
    arguments: [
      ([], [], .tooFewPoints(0)), ([0], [1], .tooFewPoints(1)),
      ([0, 1], [1], .countsDiffer(times: 2, values: 1)),
      ([0, 1, 1], [1, 2, 3], .timeNotIncreasing(index: 2, time: 1, previous: 1)),
      ([5, 4], [1, 2], .timeNotIncreasing(index: 1, time: 4, previous: 5)),
      ([0, 1], [1, .nan], .valueNotFinite(index: 1)),
      ([0, 1], [-.infinity, 1], .valueNotFinite(index: 0)),
      ([0, .max], [1, 2], .timeOutOfRange(index: 1, time: .max)),
      ([.min, 0], [1, 2], .timeOutOfRange(index: 0, time: .min)),
    ] as [([Int], [Double], ProphetError)])
  func refusals(times: [Int], values: [Double], error: ProphetError) {
    #expect(throws: error) { try ProphetModel(times: times, values: values) }
    #expect(error.description.hasSuffix("."))
  }

  @Test("wild values and times forecast finite numbers", arguments: 0..<10, 0..<5)
  func wild(kind: Int, spacing: Int) throws {
    var noise = SeededRandom(seed: UInt64(100 + kind * 5 + spacing))
    for count in [2, 3, 4, 5, 7, 10, 19, 33, 60] {
      var time = 1_000_000_000
      var (times, values): ([Int], [Double]) = ([], [])
      for index in 0..<count {
        times.append(time)
        values.append(Self.wildValue(kind, index, count, noise.uniform()))
        time += Self.wildGap(spacing, index == count / 2, noise.uniform())
      }
      let model = try ProphetModel(times: times, values: values)
      for target in [time, time + 1_000_000, .max, .min] {
        #expect(model.forecast(at: target).isFinite)
        for quantile in [-1, 0, 0.5, 0.99, 1, .nan] as [Double] {
          #expect(model.forecast(at: target, quantile: quantile).isFinite)
        }
      }
    }
  }

  static func wildValue(_ kind: Int, _ index: Int, _ count: Int, _ random: Double) -> Double {
    switch kind {
    case 0: random
    case 1: random < 0.9 ? 0 : 1e300 * random
    case 2: index == count - 1 ? 1e308 : -1e308 * random
    case 3: random * 0x1p-1060
    case 4: Double(index / 7 % 2)
    case 5: index == count / 3 ? 1e12 : 1
    case 6: sin(Double(index))
    case 7: Double(index * index)
    case 8: (3 * random).rounded(.down)
    default: Double(index % 2)
    }
  }

  static func wildGap(_ kind: Int, _ isMiddle: Bool, _ random: Double) -> Int {
    switch kind {
    case 0: 180
    case 1: 1 + Int(random * 1e5)
    case 2: Int(pow(10, 9 * random))
    case 3: isMiddle ? 1_000_000_000 : 1
    default: (1 + Int(random * 30)) * 12_342
    }
  }

  @Test("a spike in a flat series bends the trend little")
  func spike() throws {
    let times = (0..<50).map { $0 * 180 }
    let values = times.indices.map { $0 == 20 ? 1000.0 : 10 + Double($0 % 3) }
    let model = try ProphetModel(times: times, values: values)
    #expect(abs(model.forecast(at: 9000)) < 100)
  }

  @Test("quantiles rise with their share and with the distance of a bent trend")
  func quantiles() throws {
    let (times, values) = Self.history(count: 200, spacing: 180, seed: 17)
    let model = try ProphetModel(times: times, values: values)
    #expect(model.parameters.delta.contains { $0 != 0 })
    let next = times[199] + 180
    let shares = [0.01, 0.1, 0.5, 0.9, 0.99]
    let levels = shares.map { model.forecast(at: next, quantile: $0) }
    #expect(levels == levels.sorted() && Set(levels).count == levels.count)
    let far = next + 36_000
    #expect(
      model.forecast(at: far, quantile: 0.9) - model.forecast(at: far)
        > model.forecast(at: next, quantile: 0.9) - model.forecast(at: next))
  }

  @Test("a quantile covers its share of independent values")
  func coverage() throws {
    var noise = SeededRandom(seed: 23)
    let values = (0..<1000).map { _ in -log(noise.uniform()) }
    var covered = 0
    for end in 100..<1000 {
      let window = Array(values[(end - 100)..<end])
      let model = try ProphetModel(times: (0..<100).map { $0 * 180 }, values: window)
      if values[end] <= model.forecast(at: 18_000, quantile: 0.9) { covered += 1 }
    }
    // 900 windows: a standard error of 1 point.
    #expect(abs(Double(covered) / 900 - 0.9) < 0.03)
  }
}
