import Testing

@testable import Planning

@Suite("Steps and the intervals they leave open")
struct StepSequenceTests {
  private func step(_ start: Int, _ seconds: Int) -> TrafficStep {
    TrafficStep(
      TrafficObservation(intervalEnd: start + seconds, requestCount: 1), seconds: seconds)
  }

  private func spans(_ steps: [TrafficStep], _ intervals: [TrafficStep], after: Int?) -> [[Int]] {
    StepSequence(steps, intervals: intervals, after: after).steps.map { [$0.start, $0.end] }
  }

  @Test("nothing is counted twice")
  func once() {
    let steps = (12..<24).map { step($0 * 15, 15) }
    #expect(spans(steps, [step(180, 180)], after: 180).count == 12)
    // The interval's first part is known from steps: the whole of it would count that again.
    #expect(spans([], [step(180, 180)], after: 195).isEmpty)
    #expect(spans(steps, [], after: 300) == [[300, 315], [315, 330], [330, 345], [345, 360]])
  }

  @Test("intervals from before the steps, and where there are none, count as a whole")
  func gaps() {
    #expect(
      spans([step(360, 15)], [step(0, 180), step(180, 180)], after: nil)
        == [[0, 180], [180, 360], [360, 375]])
    #expect(spans([], [step(0, 180), step(180, 180)], after: 0) == [[0, 180], [180, 360]])
    // Steps that are missing in the middle stay unknown.
    #expect(
      spans([step(180, 15), step(330, 15)], [step(180, 180)], after: 180)
        == [[180, 195], [330, 345]])
  }
}
