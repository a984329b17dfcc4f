import Foundation
import NumericalMethods
import TestSupport
import Testing

@Suite struct LineFitTests {
  /// Every probe of the golden file at which the reference had enough observations for a line.
  @Test("slope and intercept equal scikit-learn's on all probes of the golden data")
  func equalsReference() throws {
    var compared = 0
    for regression in try GoldenRegression.load() {
      for probe in regression.probes {
        let window = regression.observations.prefix(probe.after).suffix(regression.window_size)
        let fit = LineFit(x: window.map { $0[0] }, y: window.map { $0[1] })
        if probe.error != nil {
          // NaN and infinite observations make the reference raise an error. Here the caller
          // refuses them before they get into the window; a fit over them is nil, never a number.
          #expect(fit == nil, "\(regression.name) after \(probe.after)")
          continue
        }
        guard let slope = probe.slope, let intercept = probe.intercept else { continue }
        let line = try #require(fit, "\(regression.name) after \(probe.after)")
        compared += 1
        #expect(
          isClose(line.slope, slope, slopeScale(window)), "\(regression.name) slope \(probe.after)")
        #expect(
          isClose(line.intercept, intercept, largest(window.map { $0[1] })),
          "\(regression.name) intercept \(probe.after)")
      }
    }
    #expect(compared > 300)
  }

  /// Draper & Smith's formulas worked by hand: x 1…5, y 2, 4, 5, 4, 5.
  @Test("a textbook example gives its slope, standard error and t statistic")
  func textbook() throws {
    let fit = try #require(LineFit(x: [1, 2, 3, 4, 5], y: [2, 4, 5, 4, 5]))
    #expect(fit.count == 5)
    #expect(abs(fit.slope - 0.6) < 1e-15)
    #expect(abs(fit.intercept - 2.2) < 1e-14)
    // Residual sum of squares 2.4, on 3 degrees of freedom; Σ(x − x̄)² = 10.
    #expect(abs(fit.slopeStandardError - (0.8 / 10).squareRoot()) < 1e-15)
    #expect(abs(fit.tStatistic - 0.6 / (0.08).squareRoot()) < 1e-13)
    #expect(abs(fit(10) - 8.2) < 1e-14)
  }

  @Test("a large common offset of x and y costs no digits of the slope")
  func offset() throws {
    let x = (0..<20).map { 1e12 + Double($0) }
    let y = (0..<20).map { -3e9 + 0.25 * Double($0) }
    let fit = try #require(LineFit(x: x, y: y))
    #expect(abs(fit.slope - 0.25) < 1e-12)
  }

  @Test(
    "the same x everywhere has slope 0 through the mean and says nothing of its significance",
    arguments: [([7, 7, 7], [1, 2, 6]), ([0.1, 0.1], [3, 3]), ([4], [3])]
      as [([Double], [Double])])
  func noVariance(x: [Double], y: [Double]) throws {
    let fit = try #require(LineFit(x: x, y: y))
    #expect(fit.slope == 0)
    #expect(fit.intercept == y.reduce(0, +) / Double(y.count))
    #expect(fit.slopeStandardError == .infinity)
    #expect(fit.tStatistic == 0)
  }

  @Test("two points have a slope, but no significance")
  func twoPoints() throws {
    let fit = try #require(LineFit(x: [0, 2], y: [1, 5]))
    #expect(fit.slope == 2)
    #expect(fit.intercept == 1)
    #expect(fit.tStatistic == 0)
  }

  @Test("an exact line is infinitely significant, an exactly flat one not at all")
  func exactFits() throws {
    #expect(try #require(LineFit(x: [0, 1, 2], y: [0, -1, -2])).tStatistic == -.infinity)
    #expect(try #require(LineFit(x: [0, 1, 2], y: [5, 5, 5])).tStatistic == 0)
  }

  @Test(
    "there is no line through nothing, unequal lengths or numbers that aren't finite",
    arguments: [
      ([], []), ([1], []), ([1, 2], [1]), ([1, .nan], [1, 2]), ([1, 2], [1, .infinity]),
      ([-.infinity, 2], [1, 2]), ([1e200, -1e200], [1, 2]),
    ] as [([Double], [Double])])
  func refuses(x: [Double], y: [Double]) {
    #expect(LineFit(x: x, y: y) == nil)
  }

  /// Relative to the value, or, where that is rounding noise around 0 in both, to the data.
  private func isClose(_ value: Double, _ reference: Double, _ scale: Double) -> Bool {
    abs(value - reference) <= max(1e-9 * abs(reference), 1e-12 * scale)
  }

  private func slopeScale(_ window: ArraySlice<[Double]>) -> Double {
    let x = window.map { $0[0] }
    let spread = (x.max() ?? 0) - (x.min() ?? 0)
    return spread > 0 ? largest(window.map { $0[1] }) / spread : 0
  }

  private func largest(_ values: [Double]) -> Double { values.map(\.magnitude).max() ?? 0 }
}

/// One case of `golden/regression.json`.
struct GoldenRegression: Decodable {
  var name: String
  var window_size: Int
  var observations: [[Double]]
  var probes: [Probe]

  struct Probe: Decodable {
    var after: Int
    var slope: Double?
    var intercept: Double?
    var error: String?
  }

  private struct File: Decodable { var cases: [GoldenRegression] }

  static func load() throws -> [GoldenRegression] {
    try Fixture.json(File.self, "golden/regression.json").cases
  }
}
