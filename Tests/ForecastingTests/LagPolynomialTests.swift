import Testing

@testable import Forecasting

@Suite struct LagPolynomialTests {
  @Test(
    "partial autocorrelations and coefficients are inverse",
    arguments: [[0.5], [0.3, -0.7], [0.9, 0.1, -0.5], [-0.2, 0.8, 0.1, 0.95, -0.99]])
  func partialAutocorrelationsAndCoefficientsAreInverse(_ partials: [Double]) throws {
    let coefficients = LagPolynomial.coefficients(partials: partials)
    let back = try #require(LagPolynomial.partials(coefficients: coefficients))
    for (left, right) in zip(back, partials) { #expect(abs(left - right) < 1e-9) }
  }

  @Test("a second order autoregression has its textbook coefficients")
  func aSecondOrderAutoregressionHasItsTextbookCoefficients() {
    // φ₁₁ = 0.5, φ₂₂ = 0.2: φ₁ = 0.5 (1 − 0.2), φ₂ = 0.2.
    #expect(LagPolynomial.coefficients(partials: [0.5, 0.2]) == [0.4, 0.2])
  }

  @Test(
    "a polynomial that is not stationary has no partials",
    arguments: [[1.0], [1.2], [0.5, 0.6], [2, -1], [.nan]])
  func aPolynomialThatIsNotStationaryHasNoPartials(_ coefficients: [Double]) {
    #expect(LagPolynomial.partials(coefficients: coefficients) == nil)
  }

  @Test("inverse roots are found without computing them")
  func inverseRootsAreFoundWithoutComputingThem() {
    // (1 − 0.9 z)(1 + 0.5 z) = 1 − 0.4 z − 0.45 z²
    let polynomial = [0.4, 0.45]
    #expect(LagPolynomial.hasInverseRoots(within: 0.901, coefficients: polynomial))
    #expect(!LagPolynomial.hasInverseRoots(within: 0.899, coefficients: polynomial))
    #expect(LagPolynomial.hasInverseRoots(within: 0.1, coefficients: []))
  }
}
