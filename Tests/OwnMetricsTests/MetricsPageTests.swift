import Foundation
import Invocation
import TestSupport
import Testing

@testable import OwnMetrics
@testable import Planning

@Suite("Page of the planner's own metrics")
struct MetricsPageTests {
  @Test(
    "a decision's numbers are told in the units of their names",
    arguments: [
      "num_prefill_replicas{deployment=\"serving/chat\"} 2",
      "predicted_num_prefill_replicas{deployment=\"serving/chat\"} 3",
      "desired_replicas{deployment=\"serving/chat\",component=\"prefill\"} 3",
      "floor_replicas{deployment=\"serving/chat\",component=\"decode\"} 3",
      "num_gpus{deployment=\"serving/chat\"} 8",
      "predicted_num_gpus{deployment=\"serving/chat\"} 12",
      "gpu_budget{deployment=\"serving/chat\"} 16",
      "observed_ttft_ms{deployment=\"serving/chat\"} 210",
      "observed_itl_ms{deployment=\"serving/chat\"} 18.25",
      "observed_requests_per_second{deployment=\"serving/chat\"} 5",
      "observed_input_sequence_tokens{deployment=\"serving/chat\"} 3000.5",
      "predicted_requests_per_second{deployment=\"serving/chat\"} 10",
      "prefill_correction_factor{deployment=\"serving/chat\"} 1.5",
      "sla_target_ttft_ms{deployment=\"serving/chat\"} 500",
      "regression_slope{deployment=\"serving/chat\",latency=\"ttft\"} 0.25",
      "regression_intercept{deployment=\"serving/chat\",latency=\"ttft\"} 10",
      "regression_observations{deployment=\"serving/chat\",latency=\"itl\"} 0",
      "last_success_timestamp_seconds{deployment=\"serving/chat\"} 1795466940",
      "last_run_duration_seconds{deployment=\"serving/chat\"} 1.5",
      "decision_status{deployment=\"serving/chat\",status=\"applied\"} 1",
      "decision_status{deployment=\"serving/chat\",status=\"held\"} 0",
      "held_total{deployment=\"serving/chat\",reason=\"traffic-unknown\"} 0",
      "decisions_total{deployment=\"serving/chat\",status=\"applied\"} 1",
      "hold_seconds{deployment=\"serving/chat\"} 0",
    ])
  func decisionsNumbersAreToldInTheUnits(_ line: String) {
    #expect(Sample.page().text.contains("\ndynamo_planner_\(line)\n"))
  }

  @Test("every metric there is appears on the page of a full decision")
  func everyMetricThereIsAppearsOnThePage() {
    let text = Sample.page().text
    for metric in OwnMetric.all {
      #expect(text.contains("# HELP \(metric.name) \(metric.help)\n"))
      #expect(text.contains("# TYPE \(metric.name) \(metric.kind.rawValue)\n"))
      #expect(text.contains("\n\(metric.name){"))
    }
    #expect(Set(OwnMetric.all.map(\.name)).count == OwnMetric.all.count)
  }

  @Test("a dry run tells no autoscaler what to do")
  func dryRunTellsNoAutoscaler() {
    let decision = Sample.decision()
    let page = MetricsPage(
      state: MetricsState(),
      document: DecisionDocument(decision, id: 1, deployment: "d", status: .dryRun),
      record: Sample.record(decision), tellsDesired: false)
    #expect(!page.text.contains("_desired_replicas"))
    #expect(page.text.contains("_predicted_num_prefill_replicas"))
  }

  @Test("exactly one reason of a component is 1", arguments: ["throughput", "load", "budget"])
  func exactlyOneReasonOfAComponentIs1(_ rule: String) {
    let lines = Sample.page().text.split(separator: "\n").filter {
      $0.hasPrefix("dynamo_planner_\(rule)_decision_reason{")
        && $0.contains("component=\"prefill\"")
    }
    let cases =
      [
        "throughput": ThroughputReason.allCases.count, "load": LoadReason.allCases.count,
        "budget": BudgetReason.allCases.count,
      ]
    #expect(lines.count == cases[rule])
    #expect(lines.count { $0.hasSuffix(" 1") } == 1)
  }

  @Test("what is not known has no sample")
  func whatIsNotKnownHasNoSample() {
    var decision = Sample.decision(before: nil, after: nil)
    decision.observed = nil
    decision.forecast = nil
    decision.slowdown = EngineSlowdown(prefill: .nan, decode: .infinity)
    decision.components[.prefill] = Sample.component(current: nil, final: nil)
    let text = Sample.page(decision).text
    for name in [
      "observed_ttft_ms", "predicted_requests_per_second", "num_gpus", "num_prefill_replicas",
      "prefill_correction_factor", "decode_correction_factor",
    ] {
      #expect(!text.contains("dynamo_planner_\(name)"))
    }
    #expect(!text.lowercased().contains("nan") && !text.contains(" inf"))
  }

  @Test("before there is a decision, counters and targets are told")
  func beforeThereIsADecision() {
    let state = MetricsState().advanced(
      by: Sample.decision(), status: .applied, durationSeconds: 2)
    let page = MetricsPage(
      state: state, deployment: "d", policy: Sample.record(Sample.decision()).input.policy)
    #expect(page.text.contains("\ndynamo_planner_last_success_timestamp_seconds{deployment=\"d\"}"))
    #expect(page.text.contains("\ndynamo_planner_sla_target_itl_ms{deployment=\"d\"} 50\n"))
    #expect(!page.text.contains("_num_prefill_replicas"))
  }

  @Test("a deployment's name can't break out of its label")
  func deploymentsNameCantBreakOut() async throws {
    let text = Sample.page(deployment: "a\"} 1\nb\\\n").text
    #expect(text.contains(#"{deployment="a\"} 1\nb\\\n"}"#))
    #expect(try await promtool(text).isEmpty == false)
  }

  /// Names that are a contract and that promtool's naming rules would have otherwise.
  static let contractedNames = [
    "dynamo_planner_gpu_hours", "dynamo_planner_observed_itl_ms",
    "dynamo_planner_observed_ttft_ms", "dynamo_planner_sla_target_itl_ms",
    "dynamo_planner_sla_target_ttft_ms",
  ]

  @Test("promtool has nothing to say but of the contracted names")
  func promtoolHasNothingToSay() async throws {
    let complaints = try await promtool(Sample.page().text)
    #expect(
      complaints.map { String($0.prefix { $0 != " " }) }.sorted() == Self.contractedNames,
      "\(complaints)")
    #expect(complaints.allSatisfy { $0.contains("base unit") || $0.contains("abbreviated units") })
  }

  @Test("promtool is content with all else")
  func promtoolIsContentWithAllElse() async throws {
    let text = Sample.page().text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { line in !Self.contractedNames.contains { line.contains($0) } }
      .joined(separator: "\n")
    let outcome = try await ChildProcess.run("promtool", ["check", "metrics"], input: text)
    #expect(outcome.exit == .code(0))
    #expect(outcome.output + outcome.errorOutput == "")
  }

  private func promtool(_ text: String) async throws -> [String] {
    let outcome = try await ChildProcess.run("promtool", ["check", "metrics"], input: text)
    #expect(outcome.exit == .code(3), "3 is promtool's code for a readable page with complaints")
    return (outcome.output + outcome.errorOutput).split(separator: "\n").map(String.init)
  }
}
