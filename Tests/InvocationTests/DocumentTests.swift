import Foundation
@testable import Planning
import Testing

@testable import Invocation

@Suite("Decision document")
struct DocumentTests {
  @Test("what is missing is written as null")
  func whatIsMissingIsWrittenAsNull() throws {
    let decision = Decision(
      time: 1000, mode: .decode, status: .held, observed: nil, forecast: nil,
      slowdown: EngineSlowdown(),
      components: [
        .decode: ComponentDecision(
          current: nil, asked: nil, ready: nil, throughput: nil, load: nil, floor: nil,
          desired: nil, final: nil,
          reasons: DecisionReasons(
            throughput: .trafficUnknown, load: .disabled, budget: .unlimited),
          sizing: nil, verdict: nil, isHeld: true, explanation: "x")
      ], gpus: GPUChange(before: nil, after: nil, budget: nil), gpusPerReplica: [.decode: 1],
      holdSeconds: 0, warnings: [])
    let text = try JSONText.encode(DecisionDocument(decision, id: nil, deployment: "d"))
    #expect(
      text == """
        {"components":{"decode":{"capacity":null,"current":null,"desired":null,"explanation":"x",\
        "final":null,"floor":null,"load":null,"ready":null,"reasons":{"budget":"unlimited",\
        "load":"disabled","throughput":"traffic-unknown"},"throughput":null}},"correction":\
        {"decode":1,"prefill":1},"deployment":"d","error":null,"forecast":null,"gpus":\
        {"after":null,"before":null,"budget":null},"hold_seconds":0,"id":null,"mode":"decode",\
        "observed":null,"schema":1,"status":"held","time":"1970-01-01T00:16:40Z","warnings":[]}
        """)
    #expect(try JSONText.decode(DecisionDocument.self, from: text).status == .held)
  }

  @Test("a document from before there was headroom is read")
  func documentFromBeforeThereWasHeadroomIsRead() throws {
    let text = """
      {"attainment":0.97,"attainment_one_fewer":null,"backlog_requests":0,"bound":"latency",\
      "concurrency":null,"concurrency_limit":null,"latency_ms":420,"quantile":0.95,\
      "utilisation":0.6}
      """
    let read = try JSONText.decode(DecisionDocument.SLAExpectation.self, from: text)
    #expect(read.headroom == nil && read.headroomShare == nil)
    #expect(read.latencyMilliseconds == 420)
    #expect(throws: (any Error).self) {
      try JSONText.decode(
        DecisionDocument.SLAExpectation.self,
        from: text.replacing("\"quantile\":0.95,", with: ""))
    }
  }

  @Test("numbers that JSON lacks survive in the state")
  func numbersThatJSONLacksSurvive() throws {
    let values = [Double.infinity, -.infinity, 0.1 + 0.2, .leastNonzeroMagnitude]
    let read = try JSONText.decode([Double].self, from: JSONText.encode(values))
    #expect(read == values)
  }
}

@Suite("Position of the deployment")
struct DeploymentPositionTests {
  static let status = DeploymentStatus(components: [
    .decode: ComponentStatus(replicas: 3, ready: 3)
  ])

  static func workers(_ shown: Int, failure: String? = nil) -> WorkerReport {
    WorkerReport(
      samples: [
        WorkerSample(
          time: 0,
          workers: (0..<shown).map { WorkerGauges(workerID: "\($0)", component: .decode) })
      ], failure: failure)
  }

  @Test("the router's count is the current one where it is asked")
  func routersCountIsTheCurrentOne() {
    let position = DeploymentPosition(
      Self.status, workers: Self.workers(2), mode: .decode, countsWorkersByRouter: true)
    #expect(position.counts[.decode] == .init(current: 2, asked: 3, ready: 3))
  }

  @Test("a router that shows nothing, or fails, tells no count")
  func routerThatShowsNothing() {
    for workers in [Self.workers(0), Self.workers(2, failure: "down"), nil] {
      let position = DeploymentPosition(
        Self.status, workers: workers, mode: .decode, countsWorkersByRouter: true)
      #expect(position.counts[.decode]?.current == 3)
    }
  }

  @Test("before the first order the router's count is all there is")
  func beforeTheFirstOrderTheRoutersCountIsAllThere() {
    let position = DeploymentPosition(
      DeploymentStatus(components: [:]), workers: Self.workers(2), mode: .decode,
      countsWorkersByRouter: true)
    #expect(position.counts[.decode] == .init(current: 2, asked: nil, ready: 2))
  }

  @Test("in Kubernetes the spec counts, whatever the router shows")
  func inKubernetesTheSpecCounts() {
    let position = DeploymentPosition(
      Self.status, workers: Self.workers(2), mode: .decode, countsWorkersByRouter: false)
    #expect(position.counts[.decode] == .init(current: 3, asked: 3, ready: 3))
  }
}
