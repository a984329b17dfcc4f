import Planning
import Testing

@testable import Settings

/// Peer fault 32, among them: more observations needed than the window holds.
@Suite("Rules between options")
struct RuleTests {
  static let load = [
    "environment": "virtual", "enable-loadbased-scaling": "true",
    "loadbased-router-metrics-url": "http://r:8000/metrics",
  ]
  static let virtual = ["environment": "virtual"]

  /// A command line, the rule it breaks, and what the message has to name.
  static let table: [(base: [String: String], more: [String: String], names: [String])] = [
    (virtual, ["enable-throughput-scaling": "false"], ["--enable-loadbased-scaling"]),
    (load, ["loadbased-adjustment-interval": "180"], ["(180 s)", "shorter"]),
    (load, ["loadbased-adjustment-interval": "20", "adjustment-interval": "10"], ["(20 s)"]),
    (virtual, ["enable-loadbased-scaling": "true"], ["--loadbased-router-metrics-url"]),
    ([:], [:], ["--deployment", "DYN_PARENT_DGD_K8S_NAME"]),
    (virtual, ["max-gpu-budget": "1"], ["2 GPUs", "--min-endpoint 1"]),
    (virtual, ["max-gpu-budget": "0"], ["2 GPUs"]),
    (virtual, ["min-endpoint": "5", "decode-engine-num-gpu": "2"], ["15 GPUs"]),
    (
      virtual,
      ["min-endpoint": "100000", "decode-engine-num-gpu": "10000", "mode": "decode"],
      ["1000000000 GPUs"]
    ),
    (
      ["deployment": "d", "prefill-engine-num-gpu": "8"],
      ["decode-engine-num-gpu": "8"], ["16 GPUs"]
    ),
    (
      load, ["loadbased-min-observations": "51"],
      ["--loadbased-min-observations (51)", "--loadbased-learning-window (50)"]
    ),
    (virtual, ["record": "a", "replay": "b"], ["--record and --replay exclude each other"]),
    (load, ["loadbased-adjustment-interval": "50"], ["--deadline (50 s)"]),
    (virtual, ["deadline": "50", "state-lease": "50"], ["--state-lease"]),
    (virtual, ["repeat-for": "55"], ["--repeat-for (55 s)", "(60 s)", "--repeat-every"]),
    (virtual, ["repeat-every": "5"], ["--repeat-every means nothing without --repeat-for"]),
    (
      ["environment": "metric", "deployment": "d"], [:],
      ["PLANNER_PROMETHEUS_PORT", "--pushgateway-url", "--metrics-textfile"]
    ),
    (["environment": "metric"], ["metrics-textfile": "a.prom"], ["--deployment"]),
    (
      load, ["repeat-for": "4s"],
      ["--repeat-for (4 s)", "(5 s)", "--loadbased-adjustment-interval"]
    ),
    (load, ["repeat-for": "55", "now": "1000"], ["--repeat-for and --now exclude"]),
    (load, ["repeat-for": "55", "replay": "folder"], ["--repeat-for and --replay exclude"]),
    (load, ["repeat-for": "55", "record": "folder"], ["--repeat-for and --record exclude"]),
    (virtual, ["hold-fallback": "2,4"], ["--hold-fallback means nothing without --hold-limit"]),
    (
      virtual, ["prometheus-token-file": "a", "prometheus-user": "b"],
      ["--prometheus-token-file and --prometheus-user exclude each other"]
    ),
    (
      virtual, ["etcd-user": "root"],
      [
        "--etcd-user means nothing without ETCD_AUTH_PASSWORD or --etcd-password-file"
      ]
    ),
    (virtual, ["router-password-file": "p"], ["without --router-user"]),
    (virtual, ["prometheus-certificate-file": "c"], ["without --prometheus-key-file"]),
    (virtual, ["etcd-key-file": "k"], ["without --etcd-certificate-file"]),
    (
      virtual, ["etcd-skip-tls-verify": "true", "etcd-ca-file": "ca.pem"],
      ["--etcd-skip-tls-verify and --etcd-ca-file"]
    ),
  ]

  @Test("a broken rule is a configuration error that says what to do", arguments: table)
  func broken(base: [String: String], more: [String: String], names: [String]) throws {
    let error = settingsError { _ = try resolve(base.merging(more) { $1 }) }
    let message = try #require(error?.description)
    for name in names { #expect(message.contains(name), "\(message)") }
    #expect(error?.exitCode == 78)
  }

  /// Command lines close to a rule's bound that keep it.
  static let kept: [(base: [String: String], more: [String: String])] = [
    (virtual, ["max-gpu-budget": "2"]), (virtual, ["max-gpu-budget": "-1"]),
    (virtual, ["max-gpu-budget": "-1", "min-endpoint": "100000"]),
    (virtual, ["mode": "decode", "max-gpu-budget": "1"]),
    (load, ["mode": "agg", "enable-throughput-scaling": "false", "max-gpu-budget": "1"]),
    (load, ["enable-throughput-scaling": "false", "loadbased-adjustment-interval": "40"]),
    (load, ["loadbased-adjustment-interval": "179", "loadbased-metric-samples": "1"]),
    (load, ["loadbased-adjustment-interval": "100", "now": "1000"]),
    (load, ["loadbased-adjustment-interval": "100", "replay": "folder"]),
    (load, ["loadbased-min-observations": "50"]), (load, ["repeat-for": "5"]),
    (load, ["repeat-for": "55s", "enable-throughput-scaling": "false"]),
    (load, ["loadbased-scaling-down-sensitivity": "0"]),
    (load, ["loadbased-scaling-down-sensitivity": "100"]),
    (["deployment": "d"], ["max-gpu-budget": "1"]),
    (["deployment": "d", "enable-loadbased-scaling": "true"], [:]),
    (virtual, ["hold-fallback": "2,4", "hold-limit": "60"]),
    (virtual, ["deadline": "3600"]), (virtual, ["adjustment-interval": "180.0"]),
  ]

  @Test("what keeps the rules is accepted", arguments: kept)
  func keeps(base: [String: String], more: [String: String]) throws {
    _ = try resolve(base.merging(more) { $1 })
  }

  @Test("a token as value and as file exclude each other, wherever they come from")
  func twoTokens() {
    let error = settingsError {
      _ = try resolve(
        ["environment": "virtual", "prometheus-token-file": "f"],
        environment: ["PROMETHEUS_TOKEN": "t"])
    }
    #expect(error == .rule(.exclusive("PROMETHEUS_TOKEN", "--prometheus-token-file")))
  }

  @Test("the budget is checked again with the GPUs that the deployment tells")
  func budgetOfTheDeployment() throws {
    let (settings, _) = try resolve(["deployment": "d", "max-gpu-budget": "8"])
    try settings.checkBudget(gpusPerReplica: [.prefill: 4, .decode: 4])
    #expect(
      settingsError { try settings.checkBudget(gpusPerReplica: [.prefill: 4, .decode: 8]) }
        == .rule(.budgetBelowMinimum(budget: 8, needed: 12, minEndpoint: 1)))
  }
}
