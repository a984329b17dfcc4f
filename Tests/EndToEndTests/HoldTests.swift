import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Holds")
  struct HoldTests {
    /// Something that leaves the traffic unknown.
    struct Trouble: Sendable, CustomTestStringConvertible {
      var testDescription: String
      /// What Prometheus answers instead of the truth; nil for the real one.
      var answer: StandInServer.Answer?
      /// What it answers to the question which series there are, where that is something else.
      var listing: StandInServer.Answer?
      /// Whether nobody listens where Prometheus should be.
      var isDown = false
      var flags: [String: String?] = [:]
      /// The interval in which it happens, one after that of the last good decision.
      var interval = 11
      /// What the explanation says.
      var words: [String]

      static let all: [Trouble] = [
        Trouble(
          testDescription: "Prometheus is down", isDown: true, words: ["query_range", "failed"]),
        Trouble(
          testDescription: "Prometheus answers 500", answer: .text("out of memory", status: 500),
          words: ["500", "out of memory"]),
        Trouble(
          testDescription: "Prometheus refuses the query",
          answer: .json(
            #"{"status":"error","errorType":"bad_data","error":"parse error"}"#, status: 400),
          words: ["400", "parse error"]),
        Trouble(
          testDescription: "a login page answers in its place",
          answer: .text("<html><body>Please log in</body></html>"), words: ["Please log in"]),
        Trouble(
          testDescription: "Prometheus knows nothing",
          answer: .json(#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#),
          listing: .json(#"{"status":"success","data":{"resultType":"vector","result":[]}}"#),
          words: ["no samples"]),
        Trouble(
          testDescription: "the counters are NaN", flags: ["model-name": KnownTraffic.broken],
          interval: KnownTraffic.trouble, words: ["Incomplete", "no sample of"]),
        Trouble(
          testDescription: "nothing was scraped", flags: ["model-name": KnownTraffic.gap],
          interval: KnownTraffic.trouble, words: ["Stale", "still scrapes"]),
        Trouble(
          testDescription: "the model's name is wrong", flags: ["model-name": "waves"],
          words: ["'waves'", "'broken', 'gap', 'idle', 'wave'"]),
        Trouble(
          testDescription: "there are several models and none is named",
          flags: ["model-name": nil], words: ["several models", "--model-name"]),
        Trouble(
          testDescription: "the history ends before the interval",
          flags: ["now": "\(TrafficHistory.end(130) + 30)"], words: ["no samples"]),
      ]
    }

    /// Peer fault 36: in the original nothing shows that one missing series stopped the scaling.
    @Test("unknown traffic changes nothing and is said", arguments: Trouble.all)
    func unknownTraffic(_ trouble: Trouble) async throws {
      let scene = try Scene()
      let before = trouble.interval - 1
      let model = (trouble.flags["model-name"] ?? nil).map {
        [KnownTraffic.broken, KnownTraffic.gap].contains($0) ? $0 : KnownTraffic.wave
      }
      _ = try await scene.planner(after: before).with(["model-name": model ?? KnownTraffic.wave])
        .run().decided(.applied)
      try await scene.acknowledge()
      let good = try await scene.state.contents()

      let server = try StandInServer { request in
        (request.path.hasSuffix("/query") ? trouble.listing : nil) ?? trouble.answer ?? .hangUp
      }
      defer { server.stop() }
      var planner = scene.planner(after: trouble.interval).with(trouble.flags)
      if trouble.isDown {
        planner.flags["prometheus-endpoint"] = "http://127.0.0.1:\(try FreePort.next())"
      } else if trouble.answer != nil {
        planner.flags["prometheus-endpoint"] = server.url
      }
      let document = try await planner.run().decided(.held)
      let asked = KnownTraffic.waveReplicas(before)
      #expect(document.components.mapValues(\.final) == [.prefill: asked.0, .decode: asked.1])
      for component in document.components.values {
        #expect(component.reasons.throughput == .trafficUnknown)
        #expect(component.throughput == nil)
        #expect(component.floor == component.final)
        for word in trouble.words {
          #expect(component.explanation.contains(word), "\(component.explanation)")
        }
      }
      #expect(document.observed == nil)
      #expect(document.holdSeconds == 0)

      let held = try await scene.state.contents()
      #expect(held.observations == good.observations)
      #expect(held.scaling == good.scaling)
      #expect(held.memory[.predictors] == good.memory[.predictors])
      #expect(held.memory[.plan] == good.memory[.plan])
    }

    /// A value that can't be right, in the place of the answer to one question.
    struct Nonsense: Sendable, CustomTestStringConvertible {
      var metric: String
      var value: String
      var words: [String]
      var testDescription: String { "\(metric) \(value)" }

      static let requests = "dynamo_frontend_requests_total"
      static let all: [Nonsense] = [
        Nonsense(metric: requests, value: "-5", words: ["request count '-5'", "refused"]),
        Nonsense(metric: requests, value: "+Inf", words: ["request count '+Inf'", "refused"]),
        Nonsense(
          metric: "dynamo_frontend_inter_token_latency_seconds_sum", value: "0",
          words: ["inter-token latency can't be right and was refused: 0 at"]),
        Nonsense(
          metric: "dynamo_frontend_time_to_first_token_seconds_sum", value: "-0.2",
          words: ["time to first token can't be right and was refused: -0.2 at"]),
        Nonsense(
          metric: "dynamo_frontend_request_duration_seconds_sum", value: "+Inf",
          words: ["request duration can't be right and was refused: +Inf at"]),
      ]
    }

    @Test("values that can't be right are refused and named", arguments: Nonsense.all)
    func nonsense(_ nonsense: Nonsense) async throws {
      let scene = try Scene()
      _ = try await scene.run(after: 9).decided(.applied)
      try await scene.acknowledge()
      let end = TrafficHistory.end(10)
      let answer = StandInServer.Answer.json(
        """
        {"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{},"values":[[\(end),"\(nonsense.value)"]]}]}}
        """)
      let proxy = try Proxy(to: Servers.current().prometheus.port) { request in
        let isAsked =
          request.target.contains("increase%28\(nonsense.metric)")
          || request.target.contains("increase(\(nonsense.metric)")
        return isAsked ? .replaced(answer) : .straight
      }
      defer { proxy.stop() }
      let run = try await scene.planner(after: 10)
        .with(["prometheus-endpoint": proxy.endpoint, "no-correction": nil]).run()
      guard nonsense.metric != Nonsense.requests else {
        let document = try run.decided(.held)
        for component in document.components.values {
          #expect(component.reasons.throughput == .trafficUnknown)
          for word in nonsense.words { #expect(component.explanation.contains(word)) }
        }
        #expect(document.components.mapValues(\.final) == [.prefill: 2, .decode: 9])
        return
      }
      // A latency that is refused is unknown; the requests count all the same, uncorrected by it.
      let document = try run.decided(.applied)
      for word in nonsense.words {
        #expect(document.warnings.contains { $0.contains(word) }, "\(document.warnings)")
      }
      #expect(document.components[.prefill]?.final == 3)
      #expect(document.observed?.requestCount.rounded() == 9000)
      let unknown = [
        document.observed?.ttftMilliseconds, document.observed?.itlMilliseconds,
        document.observed?.requestDurationSeconds,
      ].count { $0 == nil }
      #expect(unknown == 1)
      let isTTFT = nonsense.metric.contains("time_to_first")
      #expect((document.correction.decode == 1) == !isTTFT)
    }

    /// Peer fault 36: the original holds for hours.
    @Test("a hold ages until its limit, then the fallback counts, and it never lowers a count")
    func holdLimit() async throws {
      let scene = try Scene()
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      func hold(_ seconds: Int, fallback: String = "5,4") async throws -> PlannerRun {
        try await scene.planner(after: 11, seconds: seconds).with([
          "model-name": "nope", "hold-limit": "300", "hold-fallback": fallback,
        ]).run()
      }
      #expect(try await hold(10).decided(.held).holdSeconds == 0)
      #expect(try await hold(309).decided(.held).holdSeconds == 299)
      #expect(try await hold(310, fallback: "current").decided(.held).holdSeconds == 300)
      let fallback = try await hold(311).decided(.applied)
      #expect(fallback.components[.prefill]?.final == 5)
      #expect(fallback.components[.prefill]?.reasons.throughput == .holdFallback)
      #expect(fallback.components[.decode]?.final == 15)
      try await scene.acknowledge()
      #expect(try await hold(400).decided(.held).components[.prefill]?.final == 5)

      let known = try await scene.run(after: 13).decided(.applied)
      #expect(known.holdSeconds == nil)
      #expect(known.components[.prefill]?.final == KnownTraffic.waveReplicas(13).prefill)
    }

    /// Something that leaves the workers unknown.
    struct RouterTrouble: Sendable, CustomTestStringConvertible {
      var testDescription: String
      /// nil when nobody listens.
      var answer: StandInServer.Answer?
      var words: [String]

      static let all: [RouterTrouble] = [
        RouterTrouble(testDescription: "the router is down", answer: nil, words: ["failed"]),
        RouterTrouble(
          testDescription: "the router answers 503", answer: .text("overloaded", status: 503),
          words: ["503"]),
        RouterTrouble(
          testDescription: "a web page answers in its place",
          answer: .text("<!DOCTYPE html><html><head><title>Welcome</title></head></html>"),
          words: ["the workers' load is unknown"]),
        RouterTrouble(
          testDescription: "the page shows other Dynamo namespaces only",
          answer: .text(RouterPage(prefill: [100], decode: [50], namespace: "other").text),
          words: ["No worker on the page is of", "'other'"]),
      ]
    }

    @Test(
      "unknown workers change nothing and are said", arguments: RouterTrouble.all, [false, true])
    func unknownWorkers(_ trouble: RouterTrouble, withThroughput: Bool) async throws {
      var scene = try Scene()
      let router = try Router()
      defer { router.stop() }
      scene.planner.scaleByLoad(of: router)
      if !withThroughput { scene.planner.flags["disable-throughput-scaling"] = "" }
      // Both kinds of scaling agree on the counts: 5400 requests need 2 + 9.
      router.showLoadGrowing(
        to: RouterPage(prefill: [4500], decode: (0..<8).map { 1100 + $0 }))
      _ = try await scene.run(after: 9).decided(.applied)
      try await scene.acknowledge()

      var planner = scene.planner(after: 9, seconds: 60)
      if let answer = trouble.answer {
        router.answer(answer)
      } else {
        planner.flags["loadbased-router-metrics-url"] =
          "http://127.0.0.1:\(try FreePort.next())/metrics"
      }
      let run = try await planner.run()
      let document = try run.decided(.held)
      #expect(document.components.mapValues(\.final) == [.prefill: 2, .decode: 9])
      for component in document.components.values {
        #expect(component.reasons.load == .workersUnknown)
        #expect(component.load == nil)
        for word in trouble.words {
          #expect(component.explanation.contains(word), "\(component.explanation)")
        }
      }
      #expect(try await scene.scaling().decisionID == 0)

      guard withThroughput else { return }
      // The traffic is known all the same: a higher floor is followed, a lower one is not.
      let higher = try await planner.with(["now": "\(TrafficHistory.end(10) + 30)"]).run()
        .decided(.applied)
      #expect(higher.components[.decode]?.final == 15)
      try await scene.acknowledge()
      let lower = try await planner.with(["now": "\(TrafficHistory.end(11) + 30)"]).run()
      let kept = try lower.document()
      #expect(kept.components.mapValues(\.final) == [.prefill: 3, .decode: 15])
      #expect(kept.components[.decode]?.floor == 6)
    }

    @Test("without a floor, load alone takes no worker away while the traffic is unknown")
    func floorUnknown() async throws {
      var scene = try Scene()
      let router = try Router()
      defer { router.stop() }
      scene.planner.scaleByLoad(of: router)
      scene.planner.flags["model-name"] = nil
      router.showLoadGrowing(to: RouterPage(prefill: [100, 110], decode: [50, 60]))
      let document = try await scene.run(after: 10).decided(.held)
      for component in document.components.values {
        #expect(component.final == 2)
        #expect(component.reasons.load == .floorUnknown)
        #expect(component.reasons.throughput == .trafficUnknown)
      }
    }

    @Test("a worker that the router has lost is a mismatch and takes nothing away")
    func lostWorker() async throws {
      var scene = try Scene()
      let router = try Router()
      defer { router.stop() }
      scene.planner.scaleByLoad(of: router)
      scene.planner.flags["disable-throughput-scaling"] = ""
      router.showLoadGrowing(to: RouterPage(prefill: [4500, 4600], decode: [1100, 1200]))
      _ = try await scene.run(after: 10).decided(.applied)
      try await scene.acknowledge()
      // Three of each were asked for and are acknowledged; the router shows two idle ones.
      router.answer(.text(RouterPage(prefill: [10, 12], decode: [20, 21]).text))
      let document = try await scene.run(after: 10, seconds: 60).decided(.held)
      for component in document.components.values {
        #expect(component.reasons.load == .workerCountMismatch)
        #expect(component.final == 3)
      }
    }
  }
}
