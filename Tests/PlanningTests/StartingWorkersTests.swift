import Testing

@testable import Planning

@Suite("Workers that are starting, or never will")
struct StartingWorkersTests {
  private let policy = Given.policy(
    throughput: true, damping: Damping(scaleDownStabilizationSeconds: 300))

  private func proposal(
    needed: Int, asked: Int, ready: Int, abandoned: Int? = nil, backlog: Double = 0
  ) -> Proposal {
    let outlook = SizingExpectation.Outlook(
      replicas: needed, attainment: 1, utilisation: 0.5, latencyMilliseconds: 100)
    var sizing = ReplicaSizing(
      replicas: needed, demandTokensPerSecond: 1, throughputPerGPU: 1, gpusPerReplica: 1,
      exactReplicas: 1, tokens: 1, slowdown: 1)
    sizing.expectation = SizingExpectation(
      quantile: 0.95, requestsPerSecond: 10, backlogRequests: backlog,
      replicasWithoutBacklog: needed, bound: .latency, outlook: outlook, oneFewer: nil,
      arithmetic: .queue(SizingExpectation.Queue(delayProbability: 0, waitMilliseconds: 0)))
    return Proposal(
      .decode, .init(current: asked, asked: asked, ready: ready, abandoned: abandoned),
      Need(
        load: nil, floor: nil, sizing: sizing, verdict: nil, throughputReason: .noChange,
        loadReason: .disabled), needed)
  }

  /// What is left of a proposal, when `recommended` was wanted two minutes ago.
  private func decided(
    _ proposal: Proposal, _ readiness: Readiness, recommended: Int? = nil
  ) throws -> Proposal {
    let input = DecisionInput(
      time: 1000, policy: policy,
      deployment: DeploymentPosition(
        counts: [.decode: proposal.counts], readiness: readiness),
      state: DecisionState(
        recommendations: [
          Recommendation(time: 880, replicas: [.decode: recommended ?? 1])
        ]))
    var proposals = [proposal]
    for limit in Limits.ordered(for: input)
    where !(limit is ScalingInProgress) || !readiness.isReady {
      proposals = try limit.limit(proposals, input)
    }
    return try #require(proposals.first)
  }

  private let starting = Readiness.startingWorkers("4 of 20 decode workers are ready")

  @Test("what is needed no more goes while others start, once stabilisation lets it")
  func lossInFlight() throws {
    let soon = try decided(proposal(needed: 5, asked: 20, ready: 4), starting, recommended: 12)
    #expect(soon.replicas == 12)
    let later = try decided(proposal(needed: 5, asked: 20, ready: 4), starting)
    #expect(later.replicas == 5 && !later.isHeld)
    let busy = try decided(proposal(needed: 5, asked: 20, ready: 4), .busy("a rollout"))
    #expect(busy.replicas == 20 && busy.isHeld)
    // The virtual environment accepts only growth before it has acknowledged an order.
    let virtual = try decided(proposal(needed: 5, asked: 20, ready: 4), .growthOnly("decision 4"))
    #expect(virtual.replicas == 20 && virtual.isHeld)
    let grown = try decided(proposal(needed: 25, asked: 20, ready: 4), .growthOnly("decision 4"))
    #expect(grown.replicas == 25)
  }

  @Test("workers that don't come go at once where they are not needed, and no more are asked for")
  func abandoned() throws {
    let spare = try decided(
      proposal(needed: 6, asked: 20, ready: 4, abandoned: 16), .ready, recommended: 20)
    #expect(spare.replicas == 6)
    #expect(spare.trail.last?.reason == .startAbandoned)
    // Below what is ready stabilisation decides as ever.
    let fewer = try decided(
      proposal(needed: 2, asked: 20, ready: 4, abandoned: 16), .ready, recommended: 20)
    #expect(fewer.replicas == 4)
    let more = try decided(proposal(needed: 30, asked: 20, ready: 4, abandoned: 16), .ready)
    #expect(more.replicas == 20)
    #expect(DecisionReasons(more, hasBudget: false).damping == .startAbandoned)
  }

  @Test("nothing shrinks while requests wait")
  func backlog() throws {
    let waiting = try decided(proposal(needed: 40, asked: 51, ready: 51, backlog: 20_900), .ready)
    #expect(waiting.replicas == 51)
    #expect(DecisionReasons(waiting, hasBudget: false).damping == .backlog)
    // Seven requests that hang since their worker died are none.
    #expect(
      try decided(proposal(needed: 40, asked: 51, ready: 51, backlog: 7), .ready).replicas == 40)
  }

  @Test("a deployment of which only given-up workers are missing may be changed like any other")
  func freed() {
    func position(_ abandoned: Int) -> DeploymentPosition {
      DeploymentPosition(
        counts: [
          .prefill: .init(current: 9, asked: 9, ready: 9),
          .decode: .init(current: 5, asked: 5, ready: 4),
        ], readiness: starting
      ).givingUp([.decode: abandoned])
    }
    #expect(position(0).readiness == starting)
    #expect(position(3).readiness == .ready)
    #expect(position(3).counts[.decode]?.abandoned == 1)
  }
}
