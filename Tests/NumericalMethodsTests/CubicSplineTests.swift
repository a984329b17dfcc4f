import Foundation
import NumericalMethods
import TestSupport
import Testing

@Suite struct CubicSplineTests {
  @Test(
    "the spline equals SciPy's not-a-knot spline on every profile of the golden data",
    arguments: try GoldenSplines.load())
  func equalsReference(golden: GoldenSplines.Profile) throws {
    let ttft = try CubicSpline(knots: golden.isl, values: golden.ttft)
    let throughput = try CubicSpline(knots: golden.isl, values: golden.throughput)
    for query in golden.queries {
      #expect(isClose(ttft(query[0]), query[1]), "TTFT at ISL \(query[0])")
      #expect(isClose(throughput(query[0]), query[2]), "throughput at ISL \(query[0])")
    }
  }

  @Test("a cubic is reproduced exactly, inside the knots and beyond them")
  func reproducesCubics() throws {
    func cubic(_ x: Double) -> Double { 2 - 3 * x + 0.5 * x * x - 0.25 * x * x * x }
    let knots = [-2.0, -1.5, 0, 1, 4, 4.5]
    let spline = try CubicSpline(knots: knots, values: knots.map(cubic))
    for x in stride(from: -3.0, through: 6, by: 0.1) {
      // 1e-12: the largest value is near 50, and the system is solved without pivoting.
      #expect(abs(spline(x) - cubic(x)) <= 1e-12 * max(1, abs(cubic(x))))
    }
  }

  @Test("the curve passes exactly through its points")
  func passesThroughPoints() throws {
    let knots = [0.1, 0.7, 1.3, 100, 1e6]
    let values = [3.3, -1e9, 0.1, 1 / 3.0, 7e-12]
    let spline = try CubicSpline(knots: knots, values: values)
    for (knot, value) in zip(knots, values) { #expect(spline(knot) == value) }
  }

  @Test(
    "fewer than four points are joined by straight lines",
    arguments: [([1.0, 3.0], [10.0, 20.0]), ([1.0, 3.0, 4.0], [10.0, 20.0, 5.0])])
  func linearBelowFourPoints(knots: [Double], values: [Double]) throws {
    let curve = try CubicSpline(knots: knots, values: values)
    #expect(curve(2) == 15)
    #expect(curve(0) == 5)
  }

  @Test("a single point is a constant")
  func constant() throws {
    let curve = try CubicSpline(knots: [5], values: [42])
    for x in [-1e300, 0, 5, .infinity] { #expect(curve(x) == 42) }
    #expect(curve(.nan).isNaN)
  }

  @Test(
    "points that no curve can go through are refused by name",
    arguments: [
      ([], [], InterpolationError.noPoints),
      ([1, 2], [1], .lengthMismatch(knots: 2, values: 1)),
      ([1, .nan], [1, 2], .notFinite(index: 1)),
      ([1, 2], [.infinity, 2], .notFinite(index: 0)),
      ([1, 2, 2], [1, 2, 3], .notIncreasing(index: 2, previous: 2, knot: 2)),
      ([1, 3, 2], [1, 2, 3], .notIncreasing(index: 2, previous: 3, knot: 2)),
    ] as [([Double], [Double], InterpolationError)])
  func refuses(knots: [Double], values: [Double], expected: InterpolationError) {
    #expect(throws: expected) { try CubicSpline(knots: knots, values: values) }
  }

  @Test(
    "numbers too extreme for a cubic still give a finite curve through the points",
    arguments: [
      ([0, 1e-300, 1, 2, 3], [0, 1, 0, 1, 0]),
      ([0, 1, 2, 3, 4], [0, 1e308, -1e308, 1e308, 0]),
      ([-1e300, 0, 1e-10, 1, 1e300], [1, 2, 3, 4, 5]),
    ] as [([Double], [Double])])
  func extremes(knots: [Double], values: [Double]) throws {
    let spline = try CubicSpline(knots: knots, values: values)
    for (knot, value) in zip(knots, values) { #expect(spline(knot) == value) }
  }

  @Test(
    "the piece of an abscissa is found inside and outside",
    arguments: [(-1, 0), (0, 0), (0.9, 0), (1, 1), (2.5, 2), (3, 2), (9, 2)] as [(Double, Int)])
  func findsPiece(x: Double, piece: Int) throws {
    let spline = try CubicSpline(knots: [0, 1, 2, 3], values: [0, 0, 0, 0])
    #expect(spline.piece(at: x) == piece)
  }

  private func isClose(_ value: Double, _ reference: Double) -> Bool {
    abs(value - reference) <= 1e-9 * abs(reference)
  }
}

/// The prefill part of `golden/interpolation.json`.
enum GoldenSplines {
  struct Profile: Sendable, CustomTestStringConvertible {
    var name: String
    var isl: [Double]
    var ttft: [Double]
    var throughput: [Double]
    /// Rows of ISL, TTFT and throughput, all inside the profiled range.
    var queries: [[Double]]
    var testDescription: String { name }
  }

  private struct File: Decodable {
    var profiles: [String: Entry]
    struct Entry: Decodable {
      var raw: Raw
      var interp1d_cubic: [[Double]]
    }
    struct Raw: Decodable {
      var prefill_isl: [Double]
      var prefill_ttft: [Double]
      var prefill_thpt_per_gpu: [Double]
    }
  }

  static func load() throws -> [Profile] {
    try Fixture.json(File.self, "golden/interpolation.json").profiles
      .sorted { $0.key < $1.key }
      .map { name, entry in
        Profile(
          name: name, isl: entry.raw.prefill_isl, ttft: entry.raw.prefill_ttft,
          throughput: entry.raw.prefill_thpt_per_gpu, queries: entry.interp1d_cubic)
      }
  }
}
