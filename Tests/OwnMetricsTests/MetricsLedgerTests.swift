import Foundation
import Invocation
import Planning
import TestSupport
import Testing

@testable import OwnMetrics

@Suite("Ledger")
struct MetricsLedgerTests {
  private func ledger(_ outlets: MetricsOutlets = MetricsOutlets()) -> MetricsLedger {
    MetricsLedger(
      outlets, deployment: "a/b", policy: Sample.record(Sample.decision()).input.policy)
  }

  private func count(
    _ ledger: MetricsLedger, _ decision: Decision, after stored: String?
  ) -> String? {
    ledger.begin(from: stored)
    return ledger.count(
      DecisionDocument(decision, id: 1, deployment: "a/b", status: decision.status),
      Sample.record(decision))
  }

  @Test("what one process counted is gone on with by the next")
  func whatOneProcessCountedIsGone() async throws {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("p.prom").path
    var stored: String?
    for turn in 0..<3 {
      let ledger = ledger(MetricsOutlets(textfile: MetricsTextfile(path: path)))
      stored = count(ledger, Sample.decision(at: 1000 + 1800 * Double(turn)), after: stored)
      #expect(await ledger.publish() == [])
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text.contains("dynamo_planner_decisions_total{deployment=\"a/b\",status=\"applied\"} 3\n"))
    #expect(text.contains("dynamo_planner_gpu_hours{deployment=\"a/b\"} 12\n"))
  }

  @Test("counters that can't be read start anew, with a warning")
  func countersThatCantBeReadStartAnew() async throws {
    let ledger = ledger()
    let stored = try #require(count(ledger, Sample.decision(), after: "{\"gpuHours\":true}"))
    #expect(MetricsState(stored: stored)?.decisions == ["applied": 1])
    #expect(await ledger.publish().count == 1)
    #expect(await ledger.publish() == [])
  }

  @Test("before a decision the port shows the counters")
  func beforeADecisionThePortShowsTheCounters() async throws {
    let port = Int(try FreePort.next())
    let outlets = MetricsOutlets(port: port)
    defer { outlets.stop() }
    #expect(outlets.portWarning == nil)
    let ledger = ledger(outlets)
    ledger.begin(from: nil)
    let text = try await Sample.get("http://127.0.0.1:\(port)/metrics").text
    #expect(text.contains("dynamo_planner_gpu_hours{deployment=\"a/b\"} 0\n"))
    #expect(!text.contains("_num_prefill_replicas"))

    _ = count(ledger, Sample.decision(), after: nil)
    #expect(await ledger.publish() == [])
    // The next round keeps the last decision's page until it has one itself.
    ledger.begin(from: nil)
    let next = try await Sample.get("http://127.0.0.1:\(port)/metrics").text
    #expect(next.contains("dynamo_planner_num_prefill_replicas"))
  }

  @Test("two decisions of one invocation are both counted")
  func twoDecisionsOfOneInvocationAreBothCounted() throws {
    let ledger = ledger()
    _ = count(ledger, Sample.decision(status: .failed), after: nil)
    let applied = Sample.decision()
    let stored = ledger.count(
      DecisionDocument(applied, id: 2, deployment: "a/b", status: .applied),
      Sample.record(applied))
    #expect(
      stored.flatMap(MetricsState.init(stored:))?.decisions == ["applied": 1, "failed": 1])
  }

  @Test("an error is counted, leaves the last success, and shows no old decision")
  func errorIsCounted()
    async throws
  {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("p.prom").path
    let ledger = ledger(MetricsOutlets(textfile: MetricsTextfile(path: path)))
    let stored = count(ledger, Sample.decision(at: 1000), after: nil)
    #expect(await ledger.publish() == [])
    ledger.begin(from: stored)
    let state = try #require(ledger.countFailure().flatMap(MetricsState.init(stored:)))
    #expect(state.errors == 1 && state.lastSuccess == 1000 && state.lastDecision == 1000)
    #expect(await ledger.publish() == [])
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("dynamo_planner_errors_total{deployment=\"a/b\"} 1\n"))
    #expect(text.contains("dynamo_planner_last_success_timestamp_seconds{deployment=\"a/b\"} 1000"))
    #expect(text.contains("dynamo_planner_sla_target_ttft_ms{deployment=\"a/b\"} 500\n"))
    #expect(!text.contains("_num_prefill_replicas") && !text.contains("_decision_status"))
  }
}
