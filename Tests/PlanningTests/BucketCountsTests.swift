import Testing

@testable import Planning

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The buckets of a Dynamo frontend (releases 1.0.0 and 1.6.1, see Fixtures/captures).
enum FrontendBounds {
  static let isl: [Double] = [
    0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000,
  ]
  static let osl: [Double] = [0, 100, 210, 430, 880, 1800, 3700, 7600, 16_000, 32_000]
}

@Suite struct BucketCountsTests {
  /// A distribution with its exact share up to a value.
  struct Known: CustomTestStringConvertible {
    var name: String
    var mean: Double
    var squaredVariation: Double
    var share: @Sendable (Double) -> Double
    var testDescription: String { name }

    func histogram(_ bounds: [Double], of count: Double = 1000) -> BucketCounts? {
      var counts: [Double] = []
      var below = 0.0
      for bound in bounds {
        counts.append(count * (share(bound) - below))
        below = share(bound)
      }
      counts.append(count * (1 - below))
      return BucketCounts(upperBounds: bounds, counts: counts, sum: count * mean)
    }

    static func constant(_ value: Double) -> Known {
      Known(name: "always \(value)", mean: value, squaredVariation: 0) { $0 >= value ? 1 : 0 }
    }

    static func exponential(_ mean: Double) -> Known {
      Known(name: "exponential, mean \(mean)", mean: mean, squaredVariation: 1) {
        $0 > 0 ? 1 - exp(-$0 / mean) : 0
      }
    }

    static func logNormal(_ sigma: Double, _ mean: Double) -> Known {
      let location = log(mean) - sigma * sigma / 2
      return Known(
        name: "log-normal, sigma \(sigma), mean \(mean)", mean: mean,
        squaredVariation: exp(sigma * sigma) - 1
      ) { $0 > 0 ? 0.5 * erfc((location - log($0)) / sigma / 2.0.squareRoot()) : 0 }
    }
  }

  static let known: [Known] = [
    .constant(150), .constant(1000), .constant(3000), .constant(3599),
    .exponential(150), .exponential(500), .exponential(1500), .exponential(3000),
    .logNormal(0.25, 150), .logNormal(0.25, 1000), .logNormal(0.25, 3000),
    .logNormal(0.5, 150), .logNormal(0.5, 1000), .logNormal(0.5, 3000),
    .logNormal(1, 150), .logNormal(1, 1000), .logNormal(1, 3000), .logNormal(1.5, 150),
  ]

  @Test(
    "the variability of a known distribution is found from a frontend's buckets",
    arguments: known, [FrontendBounds.isl, FrontendBounds.osl])
  func variability(_ known: Known, _ bounds: [Double]) throws {
    let estimate = try #require(known.histogram(bounds)?.squaredCoefficientOfVariation)
    let truth = known.squaredVariation
    #expect(estimate >= truth * 0.92)
    #expect(estimate <= truth * 1.06 + 0.09)
  }

  @Test(
    "high quantiles of what is wider than a bucket are within 4 % of the values, shares within 11 %",
    arguments: known.filter { $0.squaredVariation > 0.2 }, [FrontendBounds.isl, FrontendBounds.osl])
  func sharesAndQuantiles(_ known: Known, _ bounds: [Double]) throws {
    let histogram = try #require(known.histogram(bounds))
    for factor in [0.1, 0.3, 0.5, 0.8, 1, 1.3, 2, 3, 5] {
      let value = known.mean * factor
      let share = try #require(histogram.share(atMost: value))
      #expect(abs(share - known.share(value)) < 0.11, "at \(value)")
    }
    for q in [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] {
      let value = try #require(histogram.quantile(q))
      #expect(abs(known.share(value) - q) < (q < 0.75 ? 0.11 : 0.04), "at \(q)")
      let back = try #require(histogram.share(atMost: value))
      #expect(abs(back - q) < 1e-6)
    }
  }

  @Test("without a sum the spread inside the buckets follows the neighbours alone")
  func withoutSum() throws {
    var histogram = try #require(Known.exponential(1500).histogram(FrontendBounds.isl))
    histogram.sum = nil
    #expect(histogram.mean == nil)
    let variability = try #require(histogram.squaredCoefficientOfVariation)
    #expect(abs(variability - 1) < 0.08)
  }

  @Test("values above all bounds are taken to lie beyond them")
  func openBucket() throws {
    let histogram = try #require(
      BucketCounts(upperBounds: [0, 10, 20], counts: [0, 0, 0, 4], sum: 4 * 35))
    #expect(histogram.share(atMost: 20) == 0)
    let median = try #require(histogram.quantile(0.5))
    let exact: Double = 20 + 15 * log(2)
    #expect(abs(median - exact) < 1e-6)
    let variability = try #require(histogram.squaredCoefficientOfVariation)
    let expected: Double = (15.0 / 35) * (15.0 / 35)
    #expect(abs(variability - expected) < 1e-6)
    #expect(histogram.quantile(1) == nil)
    #expect(histogram.share(atMost: .infinity) == 1)
  }

  @Test("zeros are exactly zero")
  func zeros() throws {
    let half = try #require(BucketCounts(upperBounds: [0, 10], counts: [5, 5, 0], sum: 25))
    #expect(half.share(atMost: 0) == 0.5)
    #expect(half.share(atMost: -1) == 0)
    #expect(half.quantile(0.3) == 0)
    #expect(half.quantile(1) == 10)
    let all = try #require(BucketCounts(upperBounds: [0, 10], counts: [5, 0, 0], sum: 0))
    #expect(all.squaredCoefficientOfVariation == nil)
    #expect(all.quantile(1) == 0)
  }

  @Test("without values, and for what no quantile is, nothing is known")
  func nothingKnown() throws {
    let empty = try #require(BucketCounts(upperBounds: [1, 2], counts: [0, 0, 0], sum: 0))
    #expect(empty.squaredCoefficientOfVariation == nil)
    #expect(empty.quantile(0.5) == nil)
    #expect(empty.share(atMost: 1) == nil)
    let one = try #require(BucketCounts(upperBounds: [1, 2], counts: [0, 1, 0], sum: 1.5))
    for q in [-0.1, 1.1, .nan, .infinity] { #expect(one.quantile(q) == nil) }
    #expect(one.share(atMost: .nan) == nil)
  }

  @Test(
    "a sum that contradicts the buckets, or no bounds, neither fails nor gives nonsense",
    arguments: [-1, 0, 1, 1e3, 1e300, Double.greatestFiniteMagnitude])
  func contradiction(sum: Double) throws {
    let histogram = try #require(
      BucketCounts(upperBounds: [0, 10, 20], counts: [1, 2, 3, 0], sum: sum))
    let variability = try #require(histogram.squaredCoefficientOfVariation)
    #expect(variability.isFinite && variability >= 0)
    let median = try #require(histogram.quantile(0.5))
    #expect(median >= 0 && median <= 20)
    let unbounded = try #require(BucketCounts(upperBounds: [], counts: [3], sum: sum))
    #expect(unbounded.squaredCoefficientOfVariation == nil)
    #expect(unbounded.quantile(0.5) == nil)
  }

  @Test("quantiles and shares never fall")
  func monotone() throws {
    let histogram = try #require(
      BucketCounts(
        upperBounds: FrontendBounds.osl, counts: [1, 0, 40, 0, 7, 3.5, 900, 0, 2, 0, 1],
        sum: 4_000_000))
    var last = -1.0
    for step in 0..<1000 {
      let value = try #require(histogram.quantile(Double(step) / 1000))
      #expect(value >= last)
      last = value
    }
    var share = 0.0
    for step in 0..<1000 {
      let next = try #require(histogram.share(atMost: Double(step) * 40))
      #expect(next >= share)
      share = next
    }
  }

  @Test("histograms with the same bounds add up, others don't")
  func adding() throws {
    let a = try #require(BucketCounts(upperBounds: [1, 2], counts: [1, 2, 3], sum: 10))
    var b = try #require(BucketCounts(upperBounds: [1, 2], counts: [4, 5, 6], sum: 20))
    #expect(a.adding(b) == BucketCounts(upperBounds: [1, 2], counts: [5, 7, 9], sum: 30))
    b.sum = nil
    #expect(a.adding(b) == BucketCounts(upperBounds: [1, 2], counts: [5, 7, 9]))
    let other = try #require(BucketCounts(upperBounds: [1, 3], counts: [4, 5, 6]))
    #expect(a.adding(other) == nil)
  }
}
