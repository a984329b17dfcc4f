import Testing

@testable import Planning

/// Limits that Dynamo 1.6.1's planner has, under the same names.
@Suite("Minimums, a lower GPU budget, and the step of throughput")
struct PeerLimitsTests {
  static func proposal(_ component: Component, _ replicas: Int, from base: Int) -> Proposal {
    Proposal(
      component, .init(current: base, asked: base, ready: base),
      Need(
        sizing: ReplicaSizing(
          replicas: replicas, demandTokensPerSecond: 1, throughputPerGPU: 1, gpusPerReplica: 1,
          exactReplicas: 1, tokens: 1, slowdown: 1), throughputReason: .scaleDown,
        loadReason: .disabled), replicas)
  }

  static func input(_ change: (inout PlanningPolicy) -> Void) -> DecisionInput {
    var policy = Given.policy(throughput: true)
    change(&policy)
    return DecisionInput(time: 0, policy: policy, deployment: DeploymentPosition(counts: [:]))
  }

  @Test("each role has its own minimum, the other one the common")
  func minimums() {
    let input = Self.input {
      $0.minimumReplicas = 2
      $0.ownMinimums = [.decode: 5]
    }
    #expect(Minimum().limit(Self.proposal(.prefill, 1, from: 4), input).replicas == 2)
    #expect(Minimum().limit(Self.proposal(.decode, 1, from: 4), input).replicas == 5)
  }

  @Test("a budget keeps each role's minimum")
  func budget() throws {
    var policy = Given.policy(budget: 10)
    policy.ownMinimums = [.prefill: 4, .decode: 1]
    let budget = GPUBudget(policy)
    #expect(budget.minimumGPUs == 5)
    let cut = try budget.limit([.prefill: 6, .decode: 30])
    #expect(cut == [.prefill: 4, .decode: 6])
  }

  @Test("GPUs that are missing from the lower budget are shared in proportion, prefill first")
  func floor() {
    let input = Self.input {
      $0.gpusPerReplica = [.prefill: 2, .decode: 1]
      $0.minimumGPUs = 9
    }
    let raised = GPUFloor().limit(
      [Self.proposal(.prefill, 1, from: 1), Self.proposal(.decode, 3, from: 3)], input)
    #expect(raised.map(\.replicas) == [2, 5])
    #expect(raised[0].isAdjusted(.minimumGPUs))
    let enough = GPUFloor().limit(
      [Self.proposal(.prefill, 3, from: 1), Self.proposal(.decode, 3, from: 3)], input)
    #expect(enough.map(\.replicas) == [3, 3])
  }

  @Test("a lower budget that the upper one can't hold in whole replicas raises nothing")
  func bothBudgets() {
    let input = Self.input {
      $0.gpusPerReplica = [.prefill: 4, .decode: 4]
      $0.minimumGPUs = 9
      $0.gpuBudget = 10
    }
    let kept = GPUFloor().limit(
      [Self.proposal(.prefill, 1, from: 1), Self.proposal(.decode, 1, from: 1)], input)
    #expect(kept.map(\.replicas) == [1, 1])
  }

  @Test(
    "throughput changes a component by no more than its step",
    arguments: [(20, 4, 12), (1, 20, 12), (7, 4, 7), (1, 1, 1)])
  func step(wanted: Int, base: Int, expected: Int) {
    let input = Self.input { $0.maximumThroughputStep = 8 }
    let limited = ThroughputStepLimit().limit(Self.proposal(.decode, wanted, from: base), input)
    #expect(limited.replicas == expected)
    #expect(limited.isAdjusted(.stepLimited) == (wanted != expected))
  }
}
