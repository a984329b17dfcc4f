import Foundation
import Invocation
import Planning
import TestSupport
import Testing

@testable import OwnMetrics

@Suite("Ledger")
struct MetricsLedgerTests {
  private func count(
    _ ledger: MetricsLedger, _ decision: Decision, after stored: String?
  ) -> String? {
    ledger.count(
      DecisionDocument(decision, id: 1, deployment: "a/b", status: decision.status),
      Sample.record(decision), after: stored)
  }

  @Test func `what one process counted is gone on with by the next`() async throws {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("p.prom").path
    var stored: String?
    for turn in 0..<3 {
      let ledger = MetricsLedger(MetricsOutlets(textfile: MetricsTextfile(path: path)))
      stored = count(ledger, Sample.decision(at: 1000 + 1800 * Double(turn)), after: stored)
      #expect(await ledger.publish() == [])
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text.contains("dynamo_planner_decisions_total{deployment=\"a/b\",status=\"applied\"} 3\n"))
    #expect(text.contains("dynamo_planner_gpu_hours{deployment=\"a/b\"} 12\n"))
  }

  @Test func `counters that can't be read start anew, with a warning`() async throws {
    let ledger = MetricsLedger(MetricsOutlets())
    let stored = try #require(count(ledger, Sample.decision(), after: "{\"gpuHours\":true}"))
    #expect(OwnMetricsMemory(stored: stored)?.decisions == ["applied": 1])
    #expect(await ledger.publish().count == 1)
    #expect(await ledger.publish() == [])
  }

  @Test func `before a decision the port shows the counters`() async throws {
    let port = Int(try FreePort.next())
    let outlets = MetricsOutlets(port: port)
    defer { outlets.stop() }
    #expect(outlets.portWarning == nil)
    let ledger = MetricsLedger(outlets)
    let policy = Sample.record(Sample.decision()).input.policy
    ledger.begin(from: nil, deployment: "a/b", policy: policy)
    let text = try await Sample.get("http://127.0.0.1:\(port)/metrics").text
    #expect(text.contains("dynamo_planner_gpu_hours{deployment=\"a/b\"} 0\n"))
    #expect(!text.contains("_num_prefill_replicas"))
  }
}
