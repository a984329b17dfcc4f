import Testing

@testable import Forecasting

@Suite struct KPSSTestTests {
  @Test("every decision is the reference's")
  func everyDecisionIsTheReferences() throws {
    for fit in try ARIMAReference.load().fits {
      #expect(KPSSTest.differencesNeeded(by: fit.series) == fit.ndiffs, "\(fit.title)")
      for step in fit.kpss {
        // Steps without a statistic are constant series, which need no test.
        guard let statistic = step.stat, let pValue = step.pvalue else { continue }
        let test = KPSSTest(Differencing.differences(of: fit.series, order: step.d))
        #expect(test.lags == step.lag, "\(fit.title)")
        #expect(agree(test.statistic, statistic), "\(fit.title)")
        #expect(agree(test.pValue, pValue), "\(fit.title)")
        #expect(test.rejectsStationarity == step.should_diff, "\(fit.title)")
      }
    }
  }

  @Test("noise needs no difference, a walk one, and its sum two")
  func noiseNeedsNoDifferenceAWalkOneAndItsSumTwo() {
    var noise = SeededNoise(seed: 5)
    let white = (0..<300).map { _ in noise.next() }
    let walk = cumulated(white)
    #expect(KPSSTest.differencesNeeded(by: white) == 0)
    #expect(KPSSTest.differencesNeeded(by: walk) == 1)
    #expect(KPSSTest.differencesNeeded(by: cumulated(walk)) == 2)
  }

  @Test(
    "it ends on short and constant series",
    arguments: [[7.0], [7, 7, 7, 7], [0.1, 0.2, 0.3], [1, 2]])
  func itEndsOnShortAndConstantSeries(_ series: [Double]) {
    #expect((0...2).contains(KPSSTest.differencesNeeded(by: series)))
  }

  @Test("a straight line in uneven steps is constant after one difference")
  func aStraightLineInUnevenStepsIsConstantAfterOneDifference() {
    // 0.1 has no exact binary form: the differences differ in their last bits.
    let line = (0..<50).map { 3 + 0.1 * Double($0) }
    #expect(KPSSTest.differencesNeeded(by: line) == 1)
  }

  private func cumulated(_ series: [Double]) -> [Double] {
    var sum = 0.0
    return series.map {
      sum += $0
      return sum
    }
  }
}
