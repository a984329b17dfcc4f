import Testing

@testable import NumericalMethods

@Suite struct CholeskySolverTests {
  @Test("it solves a textbook system")
  func itSolvesATextbookSystem() throws {
    // Only the lower triangle is read.
    let matrix = [4.0, 99, 99, 12, 37, 99, -16, -43, 98]
    let solution = try #require(CholeskySolver.solve(matrix, [-20, -43, 192]))
    for (found, expected) in zip(solution, [1.0, 2, 3]) { #expect(abs(found - expected) < 1e-9) }
  }

  @Test(
    "it refuses a matrix that is not positive definite",
    arguments: [[1.0, 0, 1, 1], [0, 0, 0, 0], [-1, 0, 0, 1], [.nan, 0, 0, 1]])
  func itRefusesAMatrixThatIsNotPositiveDefinite(_ matrix: [Double]) {
    #expect(CholeskySolver.solve(matrix, [1, 1]) == nil)
  }

  @Test("nothing is solved by nothing")
  func nothingIsSolvedByNothing() {
    #expect(CholeskySolver.solve([], []) == [])
  }
}
