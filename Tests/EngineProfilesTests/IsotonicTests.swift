import Testing

@testable import EngineProfiles

@Suite struct IsotonicTests {
  @Test(
    "violators are pooled into their mean",
    arguments: [
      ([], []),
      ([3], [3]),
      ([1, 2, 3], [1, 2, 3]),
      ([3, 2, 1], [2, 2, 2]),
      ([1, 3, 2, 4], [1, 2.5, 2.5, 4]),
      // Barlow et al. 1972: a late low value reaches back as far as it must.
      ([1, 5, 6, 0, 9], [1, 11.0 / 3, 11.0 / 3, 11.0 / 3, 9]),
    ] as [([Double], [Double])])
  func pools(values: [Double], expected: [Double]) {
    let fit = isotonic(values)
    #expect(fit.count == expected.count)
    #expect(zip(fit, expected).allSatisfy { abs($0 - $1) < 1e-14 })
  }
}
