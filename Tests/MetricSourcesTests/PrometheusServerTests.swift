import Foundation
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

@testable import MetricSources

@Suite("Traffic from a real Prometheus")
struct PrometheusServerTests {
  typealias Load = TrafficHistory.Load

  private static let idle = 60
  private static let lastWithOtherModel = 90

  private static func west(_ interval: Int) -> Load {
    Load(
      requests: interval == idle ? 0 : Double(60 + 12 * (interval % 5)), ttft: 0.1, itl: 0.01,
      duration: 2, isl: 1000, osl: 100)
  }

  private static func east(_ interval: Int) -> Load {
    Load(
      requests: interval == idle ? 0 : Double(240 - 12 * (interval % 7)), ttft: 10, itl: 0.03,
      duration: 12, isl: 3000, osl: 200)
  }

  /// Requests that failed inside: they are load.
  private static func failed(_ interval: Int) -> Double { interval == idle ? 0 : 6 }

  /// Outages of the scraping: all of interval 30, the end of 40, the start of 50, the middle of 55.
  private static func isScraped(_ time: Int) -> Bool {
    func start(_ interval: Int) -> Int { TrafficHistory.end(interval - 1) }
    let outages = [
      start(30) + 15...TrafficHistory.end(30), start(40) + 90...TrafficHistory.end(40),
      start(50)...start(50) + 90, start(55) + 60...start(55) + 120,
    ]
    return !outages.contains { $0.contains(time) }
  }

  private static let history: String = {
    var history = TrafficHistory()
    let all = 1...110
    // West was restarted in interval 20; east's scrape configuration adds a namespace.
    history.addFrontend(
      #"model="tiny-llama",instance="west""#, in: all, isScraped: isScraped,
      resets: [TrafficHistory.end(19) + 90], load: west)
    history.addFrontend(
      #"model="tiny-llama",instance="east",dynamo_namespace="my_ns_0a1b2c3d""#, in: all,
      isScraped: isScraped, load: east)
    history.add(
      #"dynamo_frontend_requests_total{model="tiny-llama",instance="west",error_type="internal"}"#,
      in: all, isScraped: isScraped, growingBy: failed)
    for refusal in ["validation", "not_found"] {
      history.add(
        "dynamo_frontend_requests_total{model=\"tiny-llama\",instance=\"west\""
          + ",error_type=\"\(refusal)\"}", in: all, isScraped: isScraped
      ) { _ in 500 }
    }
    history.addFrontend(
      #"model="other/Model+(1)",instance="west""#, in: 1...lastWithOtherModel
    ) { _ in
      Load(requests: 30, ttft: 99, itl: 9, duration: 999, isl: 9, osl: 9)
    }
    history.addFrontend(
      #"model="tiny-llama",instance="far",dynamo_namespace="my_ns_2""#, in: all
    ) { _ in
      Load(requests: 7000, ttft: 99, itl: 9, duration: 999, isl: 9, osl: 9)
    }
    history.addDisaggregatedRouter(
      #"dynamo_namespace="old_router",router_id="1""#, in: 1...10, phases: false, load: west)
    history.addDisaggregatedRouter(
      #"dynamo_namespace="new_router",router_id="2""#, in: 1...10, phases: true, load: west)
    return history.openMetrics
  }()

  private func window(_ first: Int, _ last: Int) -> TrafficWindow {
    TrafficWindow(
      firstIntervalEnd: TrafficHistory.end(first), lastIntervalEnd: TrafficHistory.end(last),
      intervalSeconds: TrafficHistory.intervalSeconds)
  }

  private func source(
    _ server: PrometheusServer, _ client: any HTTPClient, namespace: String = "my-ns",
    source: PrometheusSettings.Source = .frontend
  ) throws -> PrometheusTrafficSource {
    try PrometheusTrafficSource(
      client: client,
      settings: PrometheusSettings(
        endpoint: server.endpoint, dynamoNamespace: namespace, source: source,
        isDisaggregated: true))
  }

  @Test("peer faults 17, 18, 19, 33: is weighted, caught up in one query a measure, never guessed")
  func history() async throws {
    try await PrometheusServer.run(history: Self.history) { server in
      try await catchesUp(server)
      try await readsSingleIntervals(server)
      try await namesTheModels(server)
      try await explainsMismatches(server)
      try await readsRouters(server)
    }
  }

  /// 100 missed intervals with a restart, four outages and an idle one.
  private func catchesUp(_ server: PrometheusServer) async throws {
    let client = CountingHTTPClient(server.client)
    let report = try await source(server, client)
      .readTraffic(window(1, 100), modelName: "Tiny-LLaMA")
    // One a measure, the raw samples, which scrapes fail, and the gaps of the intervals before the newest twenty.
    #expect(client.urls.count == 10)
    #expect(report.readings.map(\.intervalEnd) == (1...100).map(TrafficHistory.end))
    #expect(report.warnings.isEmpty)
    for (interval, reading) in zip(1..., report.readings) {
      switch (interval, reading) {
      case (30, .unknown(_, let reason)), (40, .unknown(_, let reason)):
        #expect(reason.hasPrefix("Stale"))
      case (50, .unknown(_, let reason)): #expect(reason.hasPrefix("Incomplete"))
      case (Self.idle, .known(let observation)):
        #expect(
          observation
            == TrafficObservation(
              intervalEnd: TrafficHistory.end(interval), requestCount: 0))
      case (_, .known(let observation)): expect(observation, of: interval)
      case (_, .unknown(_, let reason)): Issue.record("interval \(interval): \(reason)")
      }
    }
  }

  /// Peer fault 18: the two frontends' means are weighted by their requests.
  private func expect(_ observation: TrafficObservation, of interval: Int) {
    let (west, east) = (Self.west(interval), Self.east(interval))
    let requests = west.requests + east.requests
    let tokens = west.requests * west.osl + east.requests * east.osl
    func mean(_ path: KeyPath<Load, Double>) -> Double {
      (west.requests * west[keyPath: path] + east.requests * east[keyPath: path]) / requests
    }
    expectClose(observation.requestCount, requests + Self.failed(interval), interval)
    expectClose(observation.isl, mean(\.isl), interval)
    expectClose(observation.osl, mean(\.osl), interval)
    expectClose(observation.ttftMilliseconds, mean(\.ttft) * 1000, interval)
    expectClose(observation.requestDurationSeconds, mean(\.duration), interval)
    let itl = (west.requests * west.osl * west.itl + east.requests * east.osl * east.itl) / tokens
    expectClose(observation.itlMilliseconds, itl * 1000, interval)
  }

  /// The samples are sums of thousands of roundings, around 1e5: nine digits are left.
  private func expectClose(_ value: Double?, _ expected: Double, _ interval: Int) {
    #expect(
      value.map { abs($0 - expected) <= 1e-6 * expected } == true,
      "interval \(interval): \(String(describing: value)) instead of \(expected)")
  }

  /// One interval asked for alone is what the catch-up said of it.
  private func readsSingleIntervals(_ server: PrometheusServer) async throws {
    let source = try source(server, server.client)
    let all = try await source.readTraffic(window(1, 100), modelName: "tiny-llama")
    for interval in [1, 20, 21, 30, 40, 41, 50, 55, Self.idle, 100] {
      let one = try await source.readTraffic(window(interval, interval), modelName: "tiny-llama")
      #expect(one.readings == [all.readings[interval - 1]])
    }
  }

  private func namesTheModels(_ server: PrometheusServer) async throws {
    let source = try source(server, server.client)
    let several = try await source.readTraffic(window(89, 95), modelName: nil)
    guard case .unknown(_, let reason)? = several.readings.first else {
      Issue.record("\(several)")
      return
    }
    #expect(reason.contains("'other/Model+(1)', 'tiny-llama'"))
    // From interval 92 on there is one model left.
    expect(try #require(several.readings.last?.observation), of: 95)

    let other = try await source.readTraffic(window(10, 10), modelName: "OTHER/model+(1)")
    #expect(other.readings.first?.observation?.isl == 9)
    expectClose(other.readings.first?.observation?.requestCount, 30, 10)
  }

  /// Peer fault 19: what matches nothing is unknown, and what there is gets named.
  private func explainsMismatches(_ server: PrometheusServer) async throws {
    for (model, namespace) in [("tiny.llama", "my-ns"), ("tiny", "my-ns"), ("nope", "")] {
      let client = CountingHTTPClient(server.client)
      let report = try await source(server, client, namespace: namespace)
        .readTraffic(window(10, 12), modelName: model)
      #expect(client.urls.count == 10)
      guard case .unknown(_, let reason)? = report.readings.first else {
        Issue.record("\(report)")
        return
      }
      #expect(reason.contains("'\(model)'"))
      #expect(reason.contains("models 'other/Model+(1)', 'tiny-llama'"))
      #expect(reason.contains("Dynamo namespaces 'my_ns_0a1b2c3d', 'my_ns_2'"))
    }
    let later = try await source(server, server.client)
      .readTraffic(window(200, 200), modelName: "tiny-llama")
    guard case .unknown(_, let reason)? = later.readings.first else {
      Issue.record("\(later)")
      return
    }
    #expect(reason.hasPrefix("Prometheus has no samples of dynamo_frontend_requests_total"))
  }

  private func readsRouters(_ server: PrometheusServer) async throws {
    for namespace in ["old-router", "new-router"] {
      let client = CountingHTTPClient(server.client)
      let report = try await source(server, client, namespace: namespace, source: .router)
        .readTraffic(window(2, 9), modelName: "Tiny-Llama")
      #expect(client.urls.count == 8)
      for (interval, reading) in zip(2..., report.readings) {
        let observation = try #require(reading.observation)
        let load = Self.west(interval)
        expectClose(observation.requestCount, load.requests, interval)
        expectClose(observation.isl, load.isl, interval)
        expectClose(observation.osl, load.osl, interval)
        expectClose(observation.ttftMilliseconds, load.ttft * 1000, interval)
        #expect(observation.itlMilliseconds == nil)
        #expect(observation.requestDurationSeconds == nil)
      }
      #expect(report.warnings.count == 1)
      #expect(report.warnings.first?.contains("no inter-token latency is known") == true)
    }
  }

  @Test("keeps what was measured before a target vanished, though its series are marked stale")
  func vanishedTarget() async throws {
    let port = try FreePort.next()
    let gateway = try ChildProcess(
      "prometheus-pushgateway", ["--web.listen-address=127.0.0.1:\(port)"])
    let metric = #"dynamo_frontend_requests_total{model="m"}"#
    let job =
      "{job_name: gateway, honor_labels: true,"
      + " static_configs: [{targets: ['127.0.0.1:\(port)']}]}"
    try await PrometheusServer.run(scrapeConfigs: "[\(job)]") { server in
      func push(_ value: Int) async throws {
        try await waitUntil("the gateway took \(value)") {
          let request = HTTPRequest(
            "PUT", "http://127.0.0.1:\(port)/metrics/job/frontend",
            body: Array("\(metric) \(value)\n".utf8))
          return (try? await server.client.send(request).status) == 200
        }
      }
      func waitForValue(_ value: Int, of query: String) async throws {
        try await waitUntil("\(query) is \(value)", within: 60) {
          try await server.instant(query, at: Date().timeIntervalSince1970)
            .contains("\"\(value)\"]")
        }
      }
      try await push(100)
      try await waitForValue(1, of: "count(count_over_time(\(metric)[1m]) > 40)")
      try await push(160)
      try await waitForValue(160, of: "max(min_over_time(\(metric)[300ms]))")
      let end = Int(Date().timeIntervalSince1970) + 1
      try await waitUntil("there is a sample from after the interval") {
        try await !server.instant(
          "timestamp(\(metric)) > \(end)", at: Date().timeIntervalSince1970
        ).contains(#""result":[]"#)
      }
      gateway.kill()
      try await waitUntil("the series is marked stale") {
        try await server.instant(metric, at: Date().timeIntervalSince1970)
          .contains(#""result":[]"#)
      }

      let source = try source(server, server.client, namespace: "")
      func read(_ end: Int) async throws -> TrafficReading? {
        try await source.readTraffic(
          TrafficWindow(firstIntervalEnd: end, lastIntervalEnd: end, intervalSeconds: 6),
          modelName: "m"
        ).readings.first
      }
      // `increase` extrapolates a little beyond the samples.
      let reading = try await read(end)
      let count = try #require(reading?.observation?.requestCount, "\(String(describing: reading))")
      #expect(count >= 60 && count < 90)
      // In the next six seconds it vanished, and two minutes later there are no samples to be seen.
      guard case .unknown(_, let afterwards)? = try await read(end + 6),
        case .unknown(_, let later)? = try await read(end + 120)
      else {
        Issue.record("traffic is known without samples")
        return
      }
      #expect(afterwards.contains("older than the interval's end"))
      #expect(later.hasPrefix("Prometheus has no samples"))
    }
  }
}
