import HTTPTransport
import Invocation
import Planning
import Synchronization
import Testing

@testable import MetricSources

@Suite("Sampling the router")
struct RouterPageSourceTests {
  private static let url = "http://router:8000/metrics"

  private static func page(_ blocks: Int) -> String {
    #"dynamo_frontend_worker_active_decode_blocks{worker_id="1",worker_type="decode"} \#(blocks)"#
      + "\n"
  }

  private static func ok(_ blocks: Int) -> StandInHTTPClient.Answer {
    .success(HTTPResponse(status: 200, body: Array(page(blocks).utf8)))
  }

  /// A clock that only moves when somebody sleeps or fetches.
  private final class Clock: Sendable {
    let time = Mutex(1000.0)
    let naps = Mutex<[Double]>([])
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
  }

  private func source(_ client: any HTTPClient, _ clock: Clock = Clock()) -> RouterPageSource {
    RouterPageSource(
      client: client, dynamoNamespace: "dynamo", access: HTTPAccess(caFile: "/ca.pem"),
      now: { clock.time.withLock { $0 } },
      sleep: { seconds in
        clock.naps.withLock { $0.append(seconds) }
        clock.advance(seconds)
      })
  }

  @Test("takes one sample without waiting") func oneSample() async throws {
    let clock = Clock()
    let client = StandInHTTPClient(Self.page(7))
    let report = try await source(client, clock)
      .sampleWorkers(url: Self.url, modelName: nil, count: 1, spacingSeconds: 5)
    let worker = WorkerGauges(workerID: "1", component: .decode, activeDecodeBlocks: 7)
    #expect(report == WorkerReport(samples: [WorkerSample(time: 1000, workers: [worker])]))
    #expect(clock.naps.withLock { $0 }.isEmpty)
    #expect(client.requests.map(\.url) == [Self.url])
    #expect(client.requests.map(\.method) == ["GET"])
    #expect(client.requests.map(\.access.caFile) == ["/ca.pem"])
  }

  @Test("spreads samples evenly; a slow fetch is part of the spacing") func spacing() async throws {
    let clock = Clock()
    let client = StandInHTTPClient { _, number in
      clock.advance([0.25, 0.5, 9, 0][number])
      return Self.ok(number)
    }
    let report = try await source(client, clock)
      .sampleWorkers(url: Self.url, modelName: nil, count: 4, spacingSeconds: 2)
    #expect(clock.naps.withLock { $0 } == [1.75, 1.5])
    #expect(report.samples.map(\.time) == [1000, 1002, 1004, 1013])
    #expect(report.samples.compactMap(\.workers.first?.activeDecodeBlocks) == [0, 1, 2, 3])
  }

  @Test("takes all samples at once when there is no spacing", arguments: [0, -1, .nan])
  func noSpacing(_ spacing: Double) async throws {
    let clock = Clock()
    let report = try await source(StandInHTTPClient(Self.page(1)), clock)
      .sampleWorkers(url: Self.url, modelName: nil, count: 3, spacingSeconds: spacing)
    #expect(report.samples.count == 3)
    #expect(clock.naps.withLock { $0 }.isEmpty)
  }

  @Test("tolerates a fetch that fails in between") func failureInBetween() async throws {
    let client = StandInHTTPClient { _, number in
      number == 1 ? .failure(.timedOut(request: "GET x", seconds: 2)) : Self.ok(number)
    }
    let report = try await source(client)
      .sampleWorkers(url: Self.url, modelName: nil, count: 3, spacingSeconds: 1)
    #expect(report.samples.count == 2)
    #expect(report.failure == nil)
    #expect(
      report.warnings == [
        "Sample 2 of 3 is missing: GET x gave no complete answer within 2.0 s."
      ])
  }

  @Test("peer fault 22: fails when the last fetch fails: the samples before it are old")
  func failureAtTheEnd() async throws {
    let client = StandInHTTPClient { _, number in
      number == 2 ? .failure(.failed(request: "GET x", reason: "refused")) : Self.ok(number)
    }
    let report = try await source(client)
      .sampleWorkers(url: Self.url, modelName: nil, count: 3, spacingSeconds: 1)
    #expect(report.samples.count == 2)
    #expect(report.failure == "GET x failed: refused.")
  }

  @Test(
    "peer faults 17 and 20: fails with status and body when the router is unwell",
    arguments: [
      (500, "Internal Server Error", "HTTP 500: 'Internal Server Error'"),
      (503, "", "HTTP 503: an empty body"), (404, page(1), "HTTP 404"),
      (403, "no", "Check the credentials"), (204, "", "HTTP 204"),
      (200, "<html>login</html>", "HTML"), (200, #"{"error":"x"}"#, "JSON"),
    ])
  func badAnswers(_ status: Int, _ body: String, _ named: String) async throws {
    let report = try await source(StandInHTTPClient(status: status, body))
      .sampleWorkers(url: Self.url, modelName: nil, count: 1, spacingSeconds: 0)
    #expect(report.samples.isEmpty)
    #expect(report.failure?.contains(named) == true, "\(report.failure ?? "")")
    #expect(report.failure?.contains(Self.url) == true)
  }

  @Test(
    "throws what the user has to mend, and when it is stopped",
    arguments: [
      HTTPError.invalidURL("router", reason: "it has no scheme"),
      .unreadableFile(path: "/token", reason: "no such file"), .cancelled(request: "GET x"),
    ])
  func thrown(_ error: HTTPError) async {
    let client = StandInHTTPClient { _, _ in .failure(error) }
    await #expect(throws: error) {
      try await source(client)
        .sampleWorkers(url: "router", modelName: nil, count: 2, spacingSeconds: 0)
    }
  }

  @Test("says the same warning once, however many samples show it") func warningsOnce()
    async throws
  {
    let report = try await source(StandInHTTPClient(Self.page(1) + "!!!\n"))
      .sampleWorkers(url: Self.url, modelName: nil, count: 5, spacingSeconds: 0)
    #expect(report.samples.count == 5)
    #expect(report.warnings == ["1 line of the page could not be read: line 2 '!!!'."])
  }

  @Test("keeps credentials of the address out of messages and sends them as such")
  func credentials() async throws {
    let client = StandInHTTPClient(status: 500, "x")
    let report = try await source(client).sampleWorkers(
      url: "http://me:p%40ss@router:8000/metrics?x=a@b", modelName: nil, count: 1, spacingSeconds: 0
    )
    #expect(client.requests.map(\.url) == ["http://router:8000/metrics?x=a@b"])
    #expect(client.requests.map(\.access.user) == ["me"])
    #expect(client.requests.map(\.access.password) == ["p@ss"])
    #expect(report.failure?.contains("p@ss") == false)
  }
}
