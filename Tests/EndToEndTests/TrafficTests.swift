import Foundation
import Invocation
import Planning
import Presentation
import StateStore
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Traffic")
  struct TrafficTests {
    @Test("what Prometheus counted becomes the observation, the forecast and the replicas")
    func numbers() async throws {
      let scene = try Scene()
      for interval in 9...12 {
        let document = try await scene.run(after: interval).decided(.applied)
        let requests = KnownTraffic.waveRequests(interval)
        let observed = try #require(document.observed)
        #expect(observed.intervalEnd == rfc3339(Double(TrafficHistory.end(interval))))
        expectClose(observed.requestCount, requests)
        expectClose(observed.isl, 2134)
        expectClose(observed.osl, 1726)
        expectClose(observed.ttftMilliseconds, 50)
        expectClose(observed.itlMilliseconds, 15)
        expectClose(observed.requestDurationSeconds, 30)

        let forecast = try #require(document.forecast)
        #expect(forecast.predictor == "constant")
        #expect(forecast.requestCount == observed.requestCount)

        let capacity = try #require(document.components[.prefill]?.capacity)
        expectClose(capacity.demandTokensPerSecond, requests * 2134 / 180)
        expectClose(capacity.tokensPerSecondPerReplica, 42_706.958)
        let decode = try #require(document.components[.decode]?.capacity)
        expectClose(decode.demandTokensPerSecond, requests * 1726 / 180)
        expectClose(decode.tokensPerSecondPerReplica, 6_101.493)
        expectClose(decode.expectedLatencyMilliseconds, 15.479)
        let (prefills, decodes) = KnownTraffic.waveReplicas(interval)
        #expect(document.components[.prefill]?.final == prefills)
        #expect(document.components[.decode]?.final == decodes)
        try await scene.acknowledge()
      }
      #expect(try await scene.scaling().decisionID == 3)
    }

    /// Within 1 %.
    private func expectClose(
      _ value: Double?, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(
        value.map { abs($0 - expected) <= 0.01 * expected } == true,
        "\(String(describing: value)) instead of \(expected)", sourceLocation: sourceLocation)
    }

    @Test("the Kalman filter forecasts across invocations what it forecasts in one go")
    func kalman() async throws {
      var scene = try Scene()
      scene.planner.flags["load-predictor"] = "kalman"
      scene.planner.flags["dry-run"] = ""
      for interval in 20...23 {
        let document = try await scene.run(after: interval).decided(.dryRun)
        // Five intervals are caught up with by the first run, the others one by one.
        let expected = Self.kalman((16...interval).map(KnownTraffic.waveRequests))
        let forecast = try #require(document.forecast)
        expectClose(forecast.requestCount, expected)
        #expect(
          document.components[.prefill]?.final
            == max(1, Int((forecast.requestCount * 2134 / 180 / 42_706.958).rounded(.up))))
      }
    }

    /// Forecast of a local linear trend model, by the textbook's matrices: F = [[1,1],[0,1]],
    /// Q = diag(1, 0.1), R = 10, P₀ = 1000·I.
    static func kalman(_ values: [Double]) -> Double {
      let (level, trend) = kalmanState(values)
      return max(0, level + trend)
    }

    /// Level and trend of that model.
    static func kalmanState(_ values: [Double]) -> (level: Double, trend: Double) {
      var (level, trend) = (values[0], 0.0)
      var p = (1000.0, 0.0, 1000.0)
      for value in values.dropFirst() {
        level += trend
        p = (p.0 + 2 * p.1 + p.2 + 1, p.1 + p.2, p.2 + 0.1)
        let gain = (p.0 / (p.0 + 10), p.1 / (p.0 + 10))
        let innovation = value - level
        level += gain.0 * innovation
        trend += gain.1 * innovation
        p = ((1 - gain.0) * p.0, (1 - gain.0) * p.1, p.2 - gain.1 * p.1)
      }
      return (level, trend)
    }

    @Test("latencies that differ from the profile correct it")
    func correction() async throws {
      var scene = try Scene()
      scene.planner.flags["no-correction"] = nil
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      let document = try await scene.run(after: 11).decided(.applied)
      // TTFT 50 ms where the profile has 49.968 ms.
      expectClose(document.correction.prefill, 50 / 49.968438)
      // 3600 requests of 30 s on 15 workers are 40 sequences each: 40 · 2997 / 945029 of the cache,
      // between the profile's 1 and 49 sequences.
      let share = (40.0 - 1) / (49.0048 - 1)
      let profiled = 4.427375 + share * (9.937452 - 4.427375)
      expectClose(document.correction.decode, 15 / profiled)
      // The target of 15.48 ms then allows what the profile has at 15.48 / factor.
      let capacity = try #require(document.components[.decode]?.capacity)
      #expect(capacity.tokensPerSecondPerReplica < 4_811)
      #expect(capacity.tokensPerSecondPerReplica > 3_000)
      #expect((document.components[.decode]?.final ?? 0) > KnownTraffic.waveReplicas(11).decode)
    }

    @Test("a hundred missed intervals are caught up with in one request per measure")
    func catchUp() async throws {
      var scene = try Scene()
      let proxy = try Proxy(to: Servers.current().prometheus.port)
      defer { proxy.stop() }
      scene.planner.flags["prometheus-endpoint"] = proxy.endpoint
      scene.planner.flags["catch-up-intervals"] = "500"
      _ = try await scene.planner(after: 5).with(["catch-up-intervals": "1"]).run()
        .decided(.applied)
      let asked = proxy.requests.count
      _ = try await scene.run(after: 105).decided(.unchanged)

      let queries = proxy.requests.dropFirst(asked).map { request in
        request.target + request.text
      }
      // Seven measures, the newest samples, which scrapes fail, and where older ones have gaps.
      #expect(queries.count == 10)
      #expect(Set(queries).count == 10)
      let observations = try scene.state.observations()
      #expect(
        observations.map(\.observation.intervalEnd) == (5...105).map(TrafficHistory.end))
      for (interval, stored) in zip(5..., observations) {
        expectClose(stored.observation.requestCount, KnownTraffic.waveRequests(interval))
        expectClose(stored.observation.isl, 2134)
        expectClose(stored.observation.itlMilliseconds, 15)
      }
    }

    @Test("one failed query loses nothing: what it was about is asked for again, all of it")
    func failedQuery() async throws {
      var scene = try Scene()
      let measure = "input_sequence_tokens"
      let proxy = try Proxy(to: Servers.current().prometheus.port) {
        $0.target.contains(measure) ? .replaced(.text("busy", status: 500)) : .straight
      }
      defer { proxy.stop() }
      let whole = scene.planner.flags["prometheus-endpoint"]
      scene.planner.flags["prometheus-endpoint"] = proxy.endpoint
      let held = try await scene.run(after: 10).decided(.held)
      #expect(
        held.components[.decode]?.explanation.contains("input sequence length is not known") == true
      )
      #expect(try scene.state.observations().isEmpty)

      scene.planner.flags["prometheus-endpoint"] = whole
      _ = try await scene.run(after: 10, seconds: 40).decided(.applied)
      let observations = try scene.state.observations().map(\.observation)
      #expect(observations.map(\.intervalEnd) == (6...10).map(TrafficHistory.end))
      for observation in observations { expectClose(observation.isl, 2134) }
    }

    @Test("an interval that was seen is neither asked for nor counted again")
    func repeated() async throws {
      var scene = try Scene()
      scene.planner.flags["load-predictor"] = "kalman"
      let proxy = try Proxy(to: Servers.current().prometheus.port)
      defer { proxy.stop() }
      scene.planner.flags["prometheus-endpoint"] = proxy.endpoint
      let first = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      let asked = proxy.requests.count
      let before = try await scene.state.contents()
      for seconds in [30, 60, 179] {
        let again = try await scene.run(after: 10, seconds: seconds).decided(.unchanged)
        #expect(again.observed == first.observed)
        #expect(again.forecast == first.forecast)
      }
      #expect(proxy.requests.count == asked)
      let after = try await scene.state.contents()
      #expect(after.observations == before.observations)
      #expect(after.memory == before.memory)
      #expect(after.scaling == before.scaling)
      _ = try await scene.run(after: 11, seconds: 0).decided(.applied)
      #expect(try scene.state.observations().count == before.observations.count + 1)
    }

    @Test("--catch-up-intervals 0 still reads the interval that just ended")
    func noCatchUp() async throws {
      var scene = try Scene()
      scene.planner.flags["catch-up-intervals"] = "0"
      let document = try await scene.run(after: 10).decided(.applied)
      #expect(document.components[.decode]?.final == 15)
      #expect(try scene.state.observations().count == 1)
    }

    @Test("two deployments share a state file without meeting each other")
    func twoDeployments() async throws {
      let one = try Scene()
      var two = try Scene()
      two.planner.flags["state"] = one.state.path
      two.planner.flags["model-name"] = KnownTraffic.idle
      let other = StateFile(path: one.state.path, deployment: two.namespace)

      for interval in 9...10 {
        async let first = one.run(after: interval)
        async let second = two.run(after: interval)
        let pair = (try await first.document(), try await second.document())
        #expect(pair.0.components[.decode]?.final == KnownTraffic.waveReplicas(interval).decode)
        #expect(pair.1.components[.decode]?.final == 9)
        try await one.acknowledge()
        try await other.acknowledgeScaling()
      }
      #expect(try one.state.documents().map(\.deployment) == [one.namespace, one.namespace])
      #expect(try other.documents().map(\.deployment) == [two.namespace, two.namespace])
      let numbers = try (one.state.decisions() + other.decisions()).compactMap(\.id)
      #expect(numbers.sorted() == [1, 2, 3, 4])
      #expect(try await one.scaling().decisionID == 1)
      #expect(try await other.scaling().decisionID == 0)
      #expect(
        try one.state.observations().map { $0.observation.requestCount.rounded() }
          == (5...10).map(KnownTraffic.waveRequests))
      #expect(
        try other.observations().map { $0.observation.requestCount.rounded() }
          == [Double](repeating: 5400, count: 6))
    }

    @Test("a counter that stands still is zero traffic: the deployment shrinks to the minimum")
    func zeroTraffic() async throws {
      var scene = try Scene()
      scene.planner.flags["model-name"] = KnownTraffic.idle
      _ = try await scene.run(after: KnownTraffic.trouble - 1).decided(.applied)
      try await scene.acknowledge()
      let document = try await scene.run(after: KnownTraffic.trouble).decided(.applied)
      #expect(document.observed?.requestCount == 0)
      #expect(document.observed?.isl == nil)
      #expect(document.components.mapValues(\.final) == [.prefill: 1, .decode: 1])
      #expect(document.components[.decode]?.reasons.throughput == .scaleDown)
    }
  }
}
