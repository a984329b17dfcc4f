import Testing

@testable import NumericalMethods

@Suite struct NormalDistributionTests {
  @Test(
    "it has its tabulated quantiles",
    arguments: [
      (0.5, 0.0), (0.975, 1.959963984540054), (0.9, 1.2815515655446004),
      (0.025, -1.959963984540054), (1e-10, -6.361340902404056), (0.999, 3.090232306167813),
    ])
  func itHasItsTabulatedQuantiles(_ probability: Double, quantile: Double) {
    #expect(abs(NormalDistribution.quantile(probability) - quantile) < 1e-10)
  }

  @Test("beyond the unit interval there is no quantile")
  func beyondTheUnitIntervalThereIsNoQuantile() {
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1.5) == .infinity)
    #expect(NormalDistribution.quantile(.nan).isNaN)
    #expect(NormalDistribution.quantile(.leastNonzeroMagnitude).isFinite)
  }
}
