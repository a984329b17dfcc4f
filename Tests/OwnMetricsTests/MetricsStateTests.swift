import Invocation
import Testing

@testable import OwnMetrics
@testable import Planning

@Suite("Counters between invocations")
struct MetricsStateTests {
  private func state(
    _ decisions: (time: Double, status: DecisionStatus, before: Int?, after: Int?)...
  )
    -> MetricsState
  {
    decisions.reduce(MetricsState()) { state, step in
      state.advanced(
        by: Sample.decision(at: step.time, before: step.before, after: step.after),
        status: step.status, durationSeconds: 1)
    }
  }

  @Test("GPU hours count what was held since the decision before")
  func gpuHoursCountWhatWasHeldSinceTheDecision() {
    #expect(state((1000, .applied, 4, 8)).gpuHours == 0)
    #expect(state((1000, .applied, 4, 8), (2800, .unchanged, 8, 8)).gpuHours == 4)
  }

  @Test("what was not applied is not held", arguments: [DecisionStatus.failed, .dryRun, .held])
  func whatWasNotAppliedIsNotHeld(_ status: DecisionStatus) {
    #expect(state((1000, status, 4, 8), (2800, .unchanged, 4, 4)).gpuHours == 2)
  }

  @Test("nothing is counted for a time that nobody saw, nor for a clock that went back")
  func nothingIsCountedForATime() {
    #expect(state((1000, .unchanged, 1, 1), (1e6, .unchanged, 1, 1)).gpuHours == 1)
    #expect(state((9000, .unchanged, 1, 1), (1000, .unchanged, 1, 1)).gpuHours == 0)
    #expect(state((1000, .held, nil, nil), (2000, .unchanged, 1, 1)).gpuHours == 0)
  }

  @Test("a failed decision is no success")
  func failedDecisionIsNoSuccess() {
    let state = state((1000, .held, 1, 1), (1060, .failed, 1, 2))
    #expect(state.lastSuccess == 1000)
    #expect(state.lastDecision == 1060)
    #expect(state.decisions == ["held": 1, "failed": 1])
  }

  @Test("a held decision counts once for each reason")
  func heldDecisionCountsOnce() {
    let held = Sample.component(
      throughput: .trafficUnknown, load: .workersUnknown, isHeld: true)
    let other = Sample.component(throughput: .trafficUnknown, load: .noChange, isHeld: true)
    let free = Sample.component(throughput: .scaleUp, load: .workerCountMismatch)
    var state = MetricsState()
    for decode in [other, free] {
      state = state.advanced(
        by: Sample.decision(prefill: held, decode: decode), status: .held, durationSeconds: 1)
    }
    #expect(state.held == ["traffic-unknown": 2, "workers-unknown": 2])
    #expect(state.held.keys.allSatisfy { MetricsState.holdReasons.contains($0) })
  }

  @Test("what is stored is read back, and what can't be read is told apart")
  func whatIsStoredIsReadBack() throws {
    let state = state((1000, .applied, 4, 8), (1100.5, .held, 8, 8))
    #expect(MetricsState(stored: try state.stored) == state)
    for text in ["", "null", "{}", "{\"gpuHours\":\"NaN\",\"held\":{},\"decisions\":{}}", "[1]"] {
      #expect(MetricsState(stored: text) == nil)
    }
  }
}
