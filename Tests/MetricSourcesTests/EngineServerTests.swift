import Foundation
import HTTPTransport
import Planning
import TestSupport
import Testing

@testable import MetricSources

@Suite("An engine's own metrics from a real Prometheus")
struct EngineServerTests {
  private static let seconds = 180
  /// The whole intervals of the capture, which lasts from 1796056662 to 1796057532.
  private static let ends = stride(from: 1_796_056_920, through: 1_796_057_460, by: seconds)

  private func read(
    _ server: PrometheusServer, _ ends: [Int], model: String? = "tiny-llama",
    scope: EngineScope = EngineScope(), engine: EngineMetrics = .vllm
  ) async throws -> TrafficReport {
    try await EngineTrafficSource(
      client: server.client, engine: engine, scope: scope,
      settings: PrometheusSettings(
        endpoint: server.endpoint, dynamoNamespace: "", isDisaggregated: false,
        wantsArrivals: true)
    ).readTraffic(
      TrafficWindow(
        firstIntervalEnd: ends[0], lastIntervalEnd: ends[ends.count - 1],
        intervalSeconds: Self.seconds), modelName: model)
  }

  private func within(_ share: Double, _ value: Double?, of truth: Double) -> Bool {
    value.map { abs($0 - truth) <= share * truth } ?? false
  }

  @Test("what a real vLLM said agrees with what its client saw, interval by interval")
  func truth() async throws {
    let capture = try VLLMCapture.load()
    let ends = Array(Self.ends)
    try await PrometheusServer.run(history: capture.openMetrics()) { server in
      let report = try await read(server, ends)
      #expect(report.readings.count == 4)
      for reading in report.readings {
        let seen = try #require(reading.observation, "\(reading)")
        let end = Double(seen.intervalEnd)
        let truth = capture.truth(from: end - Double(Self.seconds), to: end)
        #expect(within(0.03, seen.arrivals?.count, of: truth.arrivals), "\(seen) \(truth)")
        #expect(seen.arrivals?.basis == .completedAndInFlight)
        #expect(within(0.03, seen.isl, of: truth.isl), "\(seen) \(truth)")
        #expect(within(0.03, seen.osl, of: truth.osl), "\(seen) \(truth)")
        #expect(within(0.03, seen.itlMilliseconds, of: truth.itlMilliseconds), "\(seen) \(truth)")
        #expect(
          within(0.03, seen.requestDurationSeconds, of: truth.durationSeconds), "\(seen) \(truth)")
        // The client also waits for the way there and back: 8 to 14 ms on that machine.
        let ttft = seen.ttftMilliseconds ?? 0
        let away = truth.ttftMilliseconds - ttft
        #expect(
          abs(away) <= 0.03 * truth.ttftMilliseconds || (0...15).contains(away), "\(seen) \(truth)")
        #expect(abs((seen.queuedRequests ?? -9) - truth.waiting) <= 2, "\(seen) \(truth)")
        #expect((seen.arrivals?.indexOfDispersion ?? 0) > 0)
        #expect(within(0.05, seen.spread?.ttftMilliseconds?.count, of: truth.arrivals))
      }
      // Aborted ones are among the arrivals: successes alone would be 1,606 of 1,647.
      let all = try await read(server, [ends[0] - 180] + ends + [1_796_057_640 - 180])
      #expect(all.warnings.isEmpty, "\(all.warnings)")
    }
  }

  @Test("an interval with a gap in its samples, and one that has none yet, is unknown")
  func incomplete() async throws {
    let capture = try VLLMCapture.load()
    let gap = 1_796_057_040.0...1_796_057_130.0
    try await PrometheusServer.run(
      history: capture.openMetrics { !gap.contains($0) }
    ) { server in
      let report = try await read(server, Array(Self.ends) + [1_796_057_640])
      let known = report.readings.map { $0.observation != nil }
      #expect(known == [true, false, false, true, false])
      guard case .unknown(_, let late)? = report.readings.last else { return }
      #expect(
        late.contains("is 110 s older than the interval's end") || late.contains("older than"))
      #expect(report.lateSeconds != nil)
    }
  }

  @Test("another model, other pods and no samples say what there is")
  func mismatch() async throws {
    let capture = try VLLMCapture.load()
    let history = capture.openMetrics(["pod": "chat-0", "namespace": "serving"])
    try await PrometheusServer.run(history: history) { server in
      func reason(_ report: TrafficReport) -> String {
        if case .unknown(_, let reason)? = report.readings.first { reason } else { "" }
      }
      let end = [1_796_056_920]
      #expect(
        reason(try await read(server, end, model: "other"))
          .contains(
            "of model 'other'; there are models 'tiny-llama'; namespaces 'serving'; pods 'chat-0'"))
      #expect(
        reason(try await read(server, end, scope: EngineScope(pods: [.decode: "fill-[0-9]+"])))
          .contains("pods 'chat-0'"))
      #expect(
        reason(try await read(server, end, engine: .sglang)).contains("scrapes the SGLang servers"))
      let found = try await read(
        server, end, model: nil,
        scope: EngineScope(namespace: "serving", pods: [.decode: "chat-[0-9]+"]))
      #expect(found.readings.first?.observation != nil)
    }
  }

  @Test("the load of each server comes from one instant query")
  func load() async throws {
    let page = String(
      decoding: try Fixture.data("captures/vllm/vllm0320_05_kvbound.prom"), as: UTF8.self)
    let servers = [try StandInServer(), try StandInServer()]
    for server in servers { server.on("/metrics", .text(page)) }
    let targets = servers.enumerated().map {
      "{targets: ['127.0.0.1:\($1.port)'], labels: {pod: chat-\($0), namespace: serving}}"
    }.joined(separator: ", ")
    try await PrometheusServer.run(
      scrapeConfigs: "[{job_name: vllm, static_configs: [\(targets)]}]"
    ) { server in
      try await waitUntil("both are scraped twice", within: 60) {
        servers.allSatisfy { $0.requests(for: "/metrics").count >= 3 }
      }
      let counting = CountingHTTPClient(server.client)
      let source = try EngineWorkerSource(
        client: counting, engine: .vllm,
        scope: EngineScope(namespace: "serving", pods: [.decode: "chat-[0-9]+"]), mode: .agg,
        settings: PrometheusSettings(
          endpoint: server.endpoint, dynamoNamespace: "", isDisaggregated: false),
        now: { Date().timeIntervalSince1970 })
      let report = try await source.sampleWorkers(
        url: "", modelName: "tiny-llama", count: 10, spacingSeconds: 1)
      #expect(report.failure == nil && report.warnings == [], "\(report)")
      let workers = try #require(report.samples.first?.workers)
      #expect(workers.map(\.workerID) == ["chat-0", "chat-1"])
      #expect(workers.allSatisfy { $0.component == .decode })
      // 98 % of 256 blocks, as the page says.
      let blocks = try #require(workers.first?.activeDecodeBlocks)
      #expect(blocks > 200 && blocks <= 256)
      #expect(counting.urls.count == 1)
      let other = try await source.sampleWorkers(
        url: "", modelName: "other", count: 1, spacingSeconds: 0)
      #expect(other.samples.isEmpty && other.failure?.contains("check that it scrapes") == true)
    }
  }
}
