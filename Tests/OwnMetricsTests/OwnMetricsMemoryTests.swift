import Invocation
import Testing

@testable import OwnMetrics
@testable import Planning

@Suite("Counters between invocations")
struct OwnMetricsMemoryTests {
  private func memory(
    _ decisions: (time: Double, status: DecisionStatus, before: Int?, after: Int?)...
  )
    -> OwnMetricsMemory
  {
    decisions.reduce(OwnMetricsMemory()) { memory, step in
      memory.advanced(
        by: Sample.decision(at: step.time, before: step.before, after: step.after),
        status: step.status, durationSeconds: 1)
    }
  }

  @Test func `GPU hours count what was held since the decision before`() {
    #expect(memory((1000, .applied, 4, 8)).gpuHours == 0)
    #expect(memory((1000, .applied, 4, 8), (2800, .unchanged, 8, 8)).gpuHours == 4)
  }

  @Test(arguments: [DecisionStatus.failed, .dryRun, .held])
  func `what was not applied is not held`(_ status: DecisionStatus) {
    #expect(memory((1000, status, 4, 8), (2800, .unchanged, 4, 4)).gpuHours == 2)
  }

  @Test func `nothing is counted for a time that nobody saw, nor for a clock that went back`() {
    #expect(memory((1000, .unchanged, 1, 1), (1e6, .unchanged, 1, 1)).gpuHours == 1)
    #expect(memory((9000, .unchanged, 1, 1), (1000, .unchanged, 1, 1)).gpuHours == 0)
    #expect(memory((1000, .held, nil, nil), (2000, .unchanged, 1, 1)).gpuHours == 0)
  }

  @Test func `a failed decision is no success`() {
    let memory = memory((1000, .held, 1, 1), (1060, .failed, 1, 2))
    #expect(memory.lastSuccess == 1000)
    #expect(memory.lastDecision == 1060)
    #expect(memory.decisions == ["held": 1, "failed": 1])
  }

  @Test func `a held decision counts once for each reason`() {
    let held = Sample.component(
      throughput: .trafficUnknown, load: .workersUnknown, isHeld: true)
    let other = Sample.component(throughput: .trafficUnknown, load: .noChange, isHeld: true)
    let free = Sample.component(throughput: .scaleUp, load: .workerCountMismatch)
    var memory = OwnMetricsMemory()
    for decode in [other, free] {
      memory = memory.advanced(
        by: Sample.decision(prefill: held, decode: decode), status: .held, durationSeconds: 1)
    }
    #expect(memory.held == ["traffic-unknown": 2, "workers-unknown": 2])
    #expect(memory.held.keys.allSatisfy { OwnMetricsMemory.holdReasons.contains($0) })
  }

  @Test func `what is stored is read back, and what can't be read is told apart`() throws {
    let memory = memory((1000, .applied, 4, 8), (1100.5, .held, 8, 8))
    #expect(OwnMetricsMemory(stored: try memory.stored) == memory)
    for text in ["", "null", "{}", "{\"gpuHours\":\"NaN\",\"held\":{},\"decisions\":{}}", "[1]"] {
      #expect(OwnMetricsMemory(stored: text) == nil)
    }
  }
}
