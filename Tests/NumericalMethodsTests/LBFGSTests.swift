import Foundation
import Testing

@testable import NumericalMethods

@Suite struct LBFGSTests {
  private func rosenbrock(_ x: [Double], _ gradient: inout [Double]) -> Double {
    var value = 0.0
    for index in gradient.indices { gradient[index] = 0 }
    for index in 0..<(x.count - 1) {
      let valley = x[index + 1] - x[index] * x[index]
      let offset = 1 - x[index]
      value += 100 * valley * valley + offset * offset
      gradient[index] += -400 * x[index] * valley - 2 * offset
      gradient[index + 1] += 200 * valley
    }
    return value
  }

  @Test("it finds Rosenbrock's minimum", arguments: [2, 10, 40])
  func itFindsRosenbrocksMinimum(_ dimension: Int) {
    let start = (0..<dimension).map { $0.isMultiple(of: 2) ? -1.2 : 1 }
    let found = LBFGS(valueTolerance: 0).minimise(from: start, objective: rosenbrock)
    #expect(found.converged)
    #expect(found.gradientNorm <= 1e-8)
    // The function has a second local minimum near (−1, 1, …, 1) from dimension 4 on.
    #expect(found.value < 1e-12 || (dimension > 3 && abs(found.value - 3.98) < 0.1))
  }

  @Test("it solves a quadratic of very unequal curvatures")
  func itSolvesAQuadraticOfVeryUnequalCurvatures() {
    let curvatures = (0..<12).map { pow(10, Double($0) / 2 - 3) }
    let found = LBFGS(gradientTolerance: 1e-9, valueTolerance: 0).minimise(
      from: [Double](repeating: 1, count: 12)
    ) { x, gradient in
      var value = 0.0
      for index in x.indices {
        let offset = x[index] - Double(index)
        value += curvatures[index] * offset * offset / 2
        gradient[index] = curvatures[index] * offset
      }
      return value
    }
    #expect(found.converged)
    for (index, coordinate) in found.point.enumerated() {
      #expect(abs(coordinate - Double(index)) < 1e-5)
    }
  }

  @Test("it stays inside a domain whose outside is not finite")
  func itStaysInsideADomainWhoseOutsideIsNotFinite() {
    let found = LBFGS().minimise(from: [5]) { x, gradient in
      gradient[0] = 1 - 0.001 / x[0]
      return x[0] > 0 ? x[0] - 0.001 * log(x[0]) : .nan
    }
    #expect(found.converged)
    #expect(abs(found.point[0] - 0.001) < 1e-6)
  }

  @Test("it refuses a start outside the domain", arguments: [Double.nan, .infinity])
  func itRefusesAStartOutsideTheDomain(_ value: Double) {
    let found = LBFGS().minimise(from: [1, 2]) { _, gradient in
      gradient = [0, 0]
      return value
    }
    #expect(found.ending == .invalidStart)
    #expect(found.point == [1, 2])
    #expect(!found.converged)
  }

  @Test("it ends when the gradient is wrong")
  func itEndsWhenTheGradientIsWrong() {
    let found = LBFGS().minimise(from: [3]) { x, gradient in
      gradient[0] = -2 * x[0]
      return x[0] * x[0]
    }
    #expect(found.ending == .noDescent)
    #expect(found.point == [3])
  }

  @Test("it ends on a function without a minimum")
  func itEndsOnAFunctionWithoutAMinimum() {
    let found = LBFGS(maximumIterations: 50).minimise(from: [0]) { x, gradient in
      gradient[0] = -1
      return -x[0]
    }
    #expect(!found.converged || found.value < -1e3)
    #expect(found.point[0].isFinite)
  }

  @Test("it stops at its iteration limit")
  func itStopsAtItsIterationLimit() {
    let found = LBFGS(maximumIterations: 3).minimise(from: [-1.2, 1], objective: rosenbrock)
    #expect(found.ending == .iterationLimit)
    #expect(found.iterations == 3)
  }

  @Test("nothing to minimise is its own minimum")
  func nothingToMinimiseIsItsOwnMinimum() {
    let found = LBFGS().minimise(from: []) { _, _ in 7 }
    #expect(found.converged)
    #expect(found.value == 7)
  }

  @Test("it gives the same bits every time")
  func itGivesTheSameBitsEveryTime() {
    let first = LBFGS().minimise(from: [-1.2, 1, 0.3], objective: rosenbrock)
    let second = LBFGS().minimise(from: [-1.2, 1, 0.3], objective: rosenbrock)
    #expect(first == second)
  }
}

extension LBFGS.Minimum {
  /// Whether a tolerance was reached.
  fileprivate var converged: Bool { ending == .gradientVanished || ending == .valueSettled }
}
