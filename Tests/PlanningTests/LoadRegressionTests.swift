// The property names inside the tests are those of the reference file.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Planning
import TestSupport
import Testing

@Suite("Load regression")
struct LoadRegressionTests {
  static func regression(_ points: [(Double, Double)]) -> LoadRegression {
    var regression = LoadRegression()
    for (load, latency) in points {
      regression.add(LoadPoint(load: load, latencyMilliseconds: latency), window: 50)
    }
    return regression
  }

  @Test("the bound is where the line reaches the target")
  func boundIsWhereTheLineReachesTheTarget() throws {
    let regression = Self.regression((1...6).map { (Double($0) * 100, Double($0) * 10 + 5) })
    let bound = regression.bound(targetMilliseconds: 45, minimumObservations: 5)
    #expect(abs(try #require(bound.load) - 400) < 1e-9)
  }

  @Test("a target below the intercept gives a bound of zero")
  func targetBelowTheInterceptGivesABound() {
    let regression = Self.regression((1...6).map { (Double($0) * 100, Double($0) * 10 + 50) })
    #expect(regression.bound(targetMilliseconds: 20, minimumObservations: 5).load == 0)
  }

  @Test("too few observations say nothing")
  func tooFewObservationsSayNothing() {
    let regression = Self.regression([(1, 1), (2, 2), (3, 3), (4, 4)])
    #expect(
      regression.bound(targetMilliseconds: 3, minimumObservations: 5)
        == .insufficient(observations: 4, needed: 5))
  }

  // Departure 23: the original takes the smallest load and scales up idle workers.
  @Test("a falling line gives the largest load seen within the target")
  func fallingLineGivesTheLargestLoadSeen() {
    let regression = Self.regression([(10, 50), (20, 40), (30, 30), (40, 20), (50, 10)])
    #expect(regression.bound(targetMilliseconds: 35, minimumObservations: 5).load == 50)
  }

  @Test("a slope within its noise is no slope")
  func slopeWithinItsNoiseIsNoSlope() {
    let regression = Self.regression([(10, 20), (20, 28), (30, 19), (40, 31), (50, 21)])
    guard
      case .largestWithinTarget(let load, _, _) = regression.bound(
        targetMilliseconds: 25, minimumObservations: 5)
    else {
      Issue.record("expected the largest load within the target")
      return
    }
    #expect(load == 50)
  }

  @Test("no usable slope and nothing within the target says nothing")
  func noUsableSlopeAndNothingWithin() {
    let regression = Self.regression([(10, 50), (20, 40), (30, 50), (40, 40), (50, 50)])
    let bound = regression.bound(targetMilliseconds: 35, minimumObservations: 5)
    #expect(bound.load == nil)
    guard case .unusable = bound else {
      Issue.record("expected unusable, got \(bound)")
      return
    }
  }

  @Test("a point that is not finite is refused", arguments: [Double.nan, .infinity, -.infinity])
  func pointThatIsNotFiniteIsRefused(_ bad: Double) {
    var regression = LoadRegression()
    let taken = [
      regression.add(LoadPoint(load: bad, latencyMilliseconds: 1), window: 5),
      regression.add(LoadPoint(load: 1, latencyMilliseconds: bad), window: 5),
    ]
    #expect(taken == [false, false])
    #expect(regression.points.isEmpty)
  }

  @Test("the window forgets the oldest points")
  func windowForgetsTheOldestPoints() {
    var regression = LoadRegression()
    for index in 1...9 {
      regression.add(LoadPoint(load: Double(index), latencyMilliseconds: 1), window: 4)
    }
    #expect(regression.points.map(\.load) == [6, 7, 8, 9])
    regression.trim(to: 2)
    #expect(regression.points.map(\.load) == [8, 9])
  }

  @Test("slope and intercept equal the reference to 1e-9")
  func slopeAndInterceptEqualTheReference() throws {
    struct File: Decodable { let cases: [Case] }
    struct Case: Decodable {
      struct Probe: Decodable {
        let after: Int
        let slope: Double?
        let intercept: Double?
      }
      let window_size: Int
      let observations: [[Double]]
      let probes: [Probe]
    }
    let file = try Fixture.json(File.self, "golden/regression.json")
    var compared = 0
    for reference in file.cases {
      var regression = LoadRegression()
      var refused = false
      var probes = reference.probes[...]
      for (index, pair) in reference.observations.enumerated() {
        refused =
          !regression.add(
            LoadPoint(load: pair[0], latencyMilliseconds: pair[1]), window: reference.window_size)
          || refused
        while let probe = probes.first, probe.after == index + 1 {
          probes.removeFirst()
          // A series with a point that is refused here raises an error in the reference.
          guard !refused, let slope = probe.slope, let intercept = probe.intercept else { continue }
          let line = try #require(regression.line)
          let scale = regression.points.map(\.latencyMilliseconds.magnitude).max() ?? 1
          #expect(abs(line.slope - slope) <= 1e-9 * max(slope.magnitude, 1e-12 * scale))
          #expect(abs(line.intercept - intercept) <= 1e-9 * max(intercept.magnitude, scale))
          compared += 1
        }
      }
    }
    #expect(compared > 100)
  }
}
