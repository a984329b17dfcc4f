import Foundation
import Testing

@testable import Planning

@Suite("Headroom for what forecasts miss")
struct DemandSurpriseTests {
  /// A state of intervals of 60 s in which `planned` work was planned for and then `came`.
  static func state(
    _ intervals: [(planned: Double, came: Double)], startUp: Int = 0, stabilization: Double = 0,
    from past: DemandSurprise = DemandSurprise(), start: Int = 0
  ) -> DemandSurprise {
    var state = past
    for (index, interval) in intervals.enumerated() {
      let end = start + 60 * index
      state.plan([.prefill: interval.planned], intervalEnd: end)
      state.learn(
        [.prefill: interval.came], intervalEnd: end + 60, intervalSeconds: 60,
        startUpSeconds: startUp, stabilizationSeconds: stabilization)
    }
    return state
  }

  static func steady(_ count: Int, planned: Double = 1000, ratio: (Int) -> Double) -> [(
    Double, Double
  )] { (0..<count).map { (planned, planned * ratio($0)) } }

  @Test("a deployment that nothing is known of gets a tenth or two")
  func unknown() {
    let headroom = DemandSurprise().headroom(.prefill, covering: 0.95)
    #expect(headroom.factor > 1.1 && headroom.factor < 1.3)
    #expect(headroom.intervals == 0)
  }

  @Test("forecasts that come true need none")
  func exact() {
    let state = Self.state(Self.steady(100) { _ in 1 })
    #expect(
      state.headroom(.prefill, covering: 0.95)
        == DemandHeadroom(factor: 1, share: 0.95, intervals: 100))
    #expect(state.headroom(.decode, covering: 0.95).intervals == 0)
  }

  @Test("the ratio counts that all but the given share of the requests stayed within")
  func quantile() {
    // One interval in ten brings half as much again: 15 of 105 requests.
    let state = Self.state(Self.steady(200) { $0 % 10 == 0 ? 1.5 : 1 })
    #expect(state.headroom(.prefill, covering: 0.8).factor == 1)
    #expect(state.headroom(.prefill, covering: 0.87).factor == 1.5)
  }

  @Test("more to be covered never means less headroom")
  func monotone() {
    let state = Self.state(Self.steady(60) { 0.7 + Double($0 * 37 % 60) / 60 })
    var last = 0.0
    for step in 0...100 {
      let factor = state.headroom(.prefill, covering: Double(step) / 100).factor
      #expect(factor >= last && factor >= 1)
      last = factor
    }
    #expect(last <= 1.7)
  }

  @Test("what was planned before the replicas could be ready counts, not the latest plan")
  func startUp() {
    var state = DemandSurprise()
    for index in 0..<60 {
      let end = 60 * index
      // Every plan is a tenth above the one before; so is what comes.
      let work = 1000 * pow(1.1, Double(index % 10))
      state.plan([.decode: work], intervalEnd: end)
      state.learn(
        [.decode: work], intervalEnd: end + 60, intervalSeconds: 60, startUpSeconds: 60,
        stabilizationSeconds: 0)
    }
    #expect((state.headroom(.decode, covering: 0.5).factor - 1.1).magnitude < 0.002)
  }

  @Test("the highest plan of the stabilisation window is what the deployment stood at")
  func stabilization() {
    let swinging = (0..<100).map { (planned: $0 % 2 == 0 ? 1100.0 : 900, came: 1000.0) }
    #expect(Self.state(swinging).headroom(.prefill, covering: 0.95).factor > 1)
    let kept = Self.state(swinging, stabilization: 120).headroom(.prefill, covering: 0.95)
    #expect(kept.factor == 1)
  }

  @Test("after a quiet minute more surprise is expected than in the midst of a burst")
  func level() {
    let bursts = (0..<200).map { index in
      index % 2 == 0 ? (planned: 300.0, came: 3000.0) : (planned: 3000, came: 300)
    }
    let quiet = Self.state(bursts + [(300, 3000)])
    let busy = Self.state(bursts)
    #expect(quiet.headroom(.prefill, covering: 0.9).factor > 5)
    #expect(busy.headroom(.prefill, covering: 0.9).factor < 1.3)
  }

  @Test("nothing is planned for that is far above all that ever came")
  func record() {
    let state = Self.state(
      Self.steady(100) { $0 % 5 == 0 ? 3 : 1 } + Self.steady(1, planned: 2900) { _ in 1 })
    let factor = state.headroom(.prefill, covering: 0.95).factor
    #expect(factor <= 1.1 * 3000 / 2900 + 1e-9)
  }

  @Test("numbers that can't be are not learned", arguments: [Double.nan, .infinity, -1, 0])
  func absurd(value: Double) throws {
    let good = Self.state(Self.steady(50) { _ in 1.2 })
    var state = Self.state(
      [(value, 1000), (1000, value), (value, value)], from: good, start: 6000)
    state.plan([.prefill: 1000], intervalEnd: 9000)
    let headroom = state.headroom(.prefill, covering: 0.95)
    #expect(headroom.factor == 1.2)
    #expect(headroom.intervals == 50)
    #expect(try RoundTrip.json(state) == state)
  }

  @Test("only the last 200 intervals are remembered")
  func window() {
    let state = Self.state(Self.steady(100) { _ in 2 } + Self.steady(200) { _ in 1 })
    #expect(state.headroom(.prefill, covering: 0.99).factor == 1)
    #expect(state.headroom(.prefill, covering: 0.99).intervals == 200)
  }
}
