import Testing

@testable import Planning

@Suite("Damping")
struct ChangeLimiterTests {
  static func limit(_ wanted: Int, from current: Int, _ damping: Damping) -> Int {
    ChangeLimiter(damping: damping, recommendations: [])
      .limit(wanted, from: current, component: .decode)
  }

  @Test(
    "a loss too small to be worth a change waits for more",
    arguments: [(20, 19, 20), (20, 18, 18), (10, 9, 9), (2, 1, 1), (20, 21, 21), (20, 1, 1)])
  func smallestLoss(current: Int, wanted: Int, expected: Int) {
    #expect(Self.limit(wanted, from: current, Damping(smallestScaleDownShare: 0.1)) == expected)
  }

  @Test("a small step down is still taken where much is to go")
  func smallStep() {
    let damping = Damping(smallestScaleDownShare: 0.1, maximumScaleDownStep: 1)
    #expect(Self.limit(10, from: 20, damping) == 19)
  }
}
