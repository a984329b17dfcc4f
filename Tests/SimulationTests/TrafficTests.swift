import Foundation
import Testing

@testable import Simulation

struct TrafficTests {
  private let hour = Traces.poisson(rate: 2, count: 7200, isl: { _ in 5 }, osl: { _ in 6 })

  @Test("without any shaping a trace stays as it is")
  func untouched() throws {
    #expect(try TraceShaping().apply(to: hour, seed: 1) == hour)
  }

  @Test("a time window takes its requests and begins at zero")
  func window() throws {
    let part = try TraceShaping(from: 600, until: 1200).apply(to: hour, seed: 1)
    #expect(part.count == hour.requests(from: 600, to: 1200).count)
    #expect(part.arrivals.allSatisfy { $0 >= 0 && $0 < 600 })
  }

  @Test("repetitions follow each other without a gap or an overlap")
  func repetition() throws {
    let thrice = try TraceShaping(repetitions: 3).apply(to: hour, seed: 1)
    #expect(thrice.count == 3 * hour.count)
    #expect(thrice.arrivals == thrice.arrivals.sorted())
    let gap = thrice.arrivals[hour.count] - hour.duration
    #expect((gap - hour.duration / 7199).magnitude < 1e-6)
  }

  @Test("scaling multiplies the requests, whole or not", arguments: [0.25, 1.5, 4, 16])
  func scale(factor: Double) throws {
    let shaped = try TraceShaping(scale: factor, jitterSeconds: 10).apply(to: hour, seed: 1)
    let expected = factor * Double(hour.count)
    #expect((Double(shaped.count) - expected).magnitude <= 4 * expected.squareRoot())
    #expect(shaped.arrivals == shaped.arrivals.sorted())
    #expect(shaped.arrivals.allSatisfy { $0 >= 0 && $0 <= hour.duration + 1 })
    #expect(try TraceShaping(scale: factor, jitterSeconds: 10).apply(to: hour, seed: 1) == shaped)
    #expect(try TraceShaping(scale: factor, jitterSeconds: 10).apply(to: hour, seed: 2) != shaped)
  }

  @Test("jitter moves requests by no more than was said")
  func jitter() throws {
    let single = Traces.of([(0, 1, 1), (100, 2, 1), (200, 3, 1), (1000, 4, 1)])
    for seed in 1...50 {
      let shaped = try TraceShaping(jitterSeconds: 20).apply(to: single, seed: UInt64(seed))
      for (isl, arrival) in zip(shaped.isl, shaped.arrivals) {
        #expect((arrival - single.arrivals[Int(isl) - 1]).magnitude <= 20)
      }
    }
  }

  @Test("what would be too much or nothing is refused")
  func limits() throws {
    #expect(throws: TraceError.empty(skippedLines: 0)) {
      try TraceShaping(from: 1e6).apply(to: hour, seed: 1)
    }
    #expect(throws: TraceError.self) { try TraceShaping(scale: 1e9).apply(to: hour, seed: 1) }
    #expect(throws: TraceError.self) {
      try TraceShaping(repetitions: .max).apply(to: hour, seed: 1)
    }
    #expect(throws: TraceError.self) { try TraceShaping(scale: 0).apply(to: hour, seed: 1) }
    #expect(throws: TraceError.self) {
      try SyntheticTraffic(peakRate: 1e9).trace(seed: 1)
    }
    #expect(throws: TraceError.self) { try SyntheticTraffic(peakRate: 0).trace(seed: 1) }
  }

  @Test("a synthetic day swings as it was told, with the lengths it was told")
  func syntheticDay() throws {
    let traffic = SyntheticTraffic(peakRate: 4, burstsPerHour: 0, meanISL: 1000, meanOSL: 100)
    let trace = try traffic.trace(seed: 3)
    func rate(_ hour: Double) -> Double {
      Double(trace.requests(from: (hour - 1) * 3600, to: (hour + 1) * 3600).count) / 7200
    }
    #expect((3...5).contains(rate(12)))
    #expect((0.5...1.5).contains(rate(1)))
    let isl = try #require(trace.meanISL)
    let osl = try #require(trace.meanOSL)
    // The tail of the log-normal is cut at 32,768 tokens.
    #expect((isl / 1000 - 1).magnitude < 0.03)
    #expect((osl / 100 - 1).magnitude < 0.03)
    #expect(try traffic.trace(seed: 3) == trace)
    #expect(try traffic.trace(seed: 4) != trace)
  }

  @Test("bursts add what they were told to add on average")
  func bursts() throws {
    var traffic = SyntheticTraffic(
      seconds: 400_000, peakRate: 2, troughShare: 1, drift: 0, burstsPerHour: 6,
      burstStrength: 1, burstSeconds: 100, lengthVariation: 0)
    let with = try traffic.trace(seed: 5).count
    traffic.burstsPerHour = 0
    let without = try traffic.trace(seed: 5).count
    // 6 bursts an hour of 100 s, each adding once the rate.
    #expect((Double(with) / Double(without) - (1 + 6.0 * 100 / 3600)).magnitude < 0.05)
  }

  @Test("random numbers are those of xoshiro256** and have the moments of their distributions")
  func random() {
    var random = SimulationRandom(seed: 42)
    let uniform = (0..<100_000).map { _ in random.uniform() }
    let exponential = (0..<100_000).map { _ in random.exponential(mean: 3) }
    let normal = (0..<100_000).map { _ in random.normal() }
    let logNormal = (0..<100_000).map { _ in random.logNormal(mean: 5, variation: 0.5) }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func deviation(_ values: [Double]) -> Double {
      let center = mean(values)
      return mean(values.map { ($0 - center) * ($0 - center) }).squareRoot()
    }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect((mean(uniform) - 0.5).magnitude < 0.005)
    #expect((mean(exponential) - 3).magnitude < 0.05)
    #expect((deviation(exponential) - 3).magnitude < 0.06)
    #expect(mean(normal).magnitude < 0.015 && (deviation(normal) - 1).magnitude < 0.015)
    #expect((mean(logNormal) - 5).magnitude < 0.04)
    #expect((deviation(logNormal) - 2.5).magnitude < 0.06)
    var counts = [0, 0, 0]
    for _ in 0..<30_000 { counts[random.index(below: 3)] += 1 }
    #expect(counts.allSatisfy { (9600...10_400).contains($0) })
  }
}
