import Testing

@testable import Planning

@Suite("Limits")
struct LimitsTests {
  static func input(_ damping: Damping, state: DecisionState = DecisionState()) -> DecisionInput {
    DecisionInput(
      time: 1000, policy: Given.policy(throughput: true, damping: damping),
      deployment: DeploymentPosition(counts: [:]), state: state)
  }

  static func proposal(_ wanted: Int, from current: Int) -> Proposal {
    Proposal(
      .decode, .init(current: current, asked: current, ready: current),
      Need(throughputReason: .scaleDown, loadReason: .disabled), wanted)
  }

  /// What damping leaves of `wanted`.
  static func damped(_ wanted: Int, from current: Int, _ input: DecisionInput) -> Proposal {
    let damping = input.policy.damping
    let limits: [any ComponentLimit] = [
      Stabilization(damping), SmallestLoss(damping), StepLimit(damping),
    ]
    return limits.reduce(proposal(wanted, from: current)) { $1.limit($0, input) }
  }

  @Test(
    "a loss too small to be worth a change waits for more",
    arguments: [(20, 19, 20), (20, 18, 18), (10, 9, 9), (2, 1, 1), (20, 21, 21), (20, 1, 1)])
  func smallestLoss(current: Int, wanted: Int, expected: Int) {
    let damping = Damping(smallestScaleDownShare: 0.1)
    let damped = Self.damped(wanted, from: current, Self.input(damping))
    #expect(damped.replicas == expected)
    #expect(damped.isAdjusted(.smallLoss) == (wanted < expected))
  }

  @Test("a small step down is still taken where much is to go")
  func smallStep() {
    let damping = Damping(smallestScaleDownShare: 0.1, maximumScaleDownStep: 1)
    let damped = Self.damped(10, from: 20, Self.input(damping))
    #expect(damped.replicas == 19)
    #expect(damped.trail.map(\.reason) == [.stepLimited])
  }

  @Test("a stabilised count says until when the window asks for it")
  func stabilized() {
    let state = DecisionState(recommendations: [
      Recommendation(time: 800, replicas: [.decode: 6]),
      Recommendation(time: 900, replicas: [.decode: 2]),
    ])
    let input = Self.input(Damping(scaleDownStabilizationSeconds: 300), state: state)
    let damped = Self.damped(2, from: 8, input)
    #expect(
      damped.trail == [
        Adjustment(by: "Stabilization", from: 8 - 6, to: 6, reason: .stabilized, until: 1100)
      ])
    #expect(DecisionReasons(damped, hasBudget: false).damping == .stabilized)
  }

  /// What the budget of 64 GPUs leaves of what is wanted.
  private static func cut(
    _ wanted: [Component: Int], from base: [Component: Int]
  ) throws -> [Component: Int] {
    let input = DecisionInput(
      time: 1000, policy: Given.policy(throughput: true, budget: 64),
      deployment: DeploymentPosition(counts: [:]))
    let proposals = [Component.prefill, .decode].map { component in
      Proposal(
        component, .init(current: base[component], asked: base[component], ready: base[component]),
        Need(throughputReason: .scaleUp, loadReason: .disabled), wanted[component])
    }
    return try Budget().limit(proposals, input).counts { $0.replicas ?? 0 }
  }

  @Test("the budget shrinks no component below what it holds so that another can grow")
  func budgetKeepsWhatIsHeld() throws {
    #expect(
      try Self.cut([.prefill: 4, .decode: 769], from: [.prefill: 4, .decode: 4])
        == [.prefill: 4, .decode: 60])
    #expect(
      try Self.cut([.prefill: 769, .decode: 10], from: [.prefill: 4, .decode: 20])
        == [.prefill: 54, .decode: 10])
    // Both grow by what is left; both shrink where they hold too much.
    #expect(
      try Self.cut([.prefill: 60, .decode: 60], from: [.prefill: 20, .decode: 40])
        == [.prefill: 24, .decode: 40])
    #expect(
      try Self.cut([.prefill: 80, .decode: 80], from: [.prefill: 60, .decode: 60])
        == [.prefill: 32, .decode: 32])
  }

  @Test("a step limit never overflows")
  func extremes() {
    let damping = Damping(maximumScaleUpStep: .max, maximumScaleDownStep: .max)
    #expect(Self.damped(.max, from: 1, Self.input(damping)).replicas == .max)
    #expect(Self.damped(0, from: .max, Self.input(damping)).replicas == 0)
  }
}
