import Testing

@testable import Settings

@Suite("The option table")
struct OptionTableTests {
  @Test("no two options share a name, a variable or a file key")
  func namesAreUnique() {
    let options = OptionTable.options
    let variables = options.flatMap { $0.ownVariables.map(\.name) + $0.environment }
    let keys = options.flatMap { $0.fileKeys.map(\.key) } + PeerField.all.map(\.key)
    for names in [options.map(\.name), variables, keys] {
      let repeated = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys
      #expect(repeated.sorted() == [])
    }
  }

  @Test("every default is a value of its option")
  func defaultsAreValid() {
    for option in OptionTable.options {
      if let standard = option.standard {
        #expect(option.kind.parse(standard) != nil, "\(option.name)")
      }
    }
  }

  @Test("the defaults are those of the contract")
  func defaults() {
    let expected = [
      "namespace": "dynamo", "backend": "vllm", "mode": "disagg", "environment": "kubernetes",
      "ttft": "500", "itl": "50", "max-gpu-budget": "8", "min-endpoint": "1",
      "min-gpu-budget": "-1", "optimization-target": "sla",
      "no-operation": "false", "enable-throughput-scaling": "true",
      "enable-loadbased-scaling": "false", "adjustment-interval": "180", "metrics": "dynamo",
      "profile-results-dir": "profiling_results",
      "load-predictor": "arima",
      "load-predictor-log1p": "false", "prophet-window-size": "50", "kalman-q-level": "1.0",
      "kalman-q-trend": "0.1", "kalman-r": "10.0", "kalman-min-points": "5",
      "startup-delay": "0",
      "no-correction": "false", "throughput-metrics-source": "frontend", "sizing": "sla",
      "sla-quantile": "0.95", "backlog-drain-seconds": "60",
      "catch-up-intervals": "500", "settle": "0", "loadbased-adjustment-interval": "5",
      "loadbased-learning-window": "50", "loadbased-scaling-down-sensitivity": "80",
      "loadbased-metric-samples": "10", "loadbased-min-observations": "5",
      "loadbased-warm-up": "0", "hold-limit": "0",
      "hold-fallback": "current", "state": "state/planner.sqlite",
      "state-journal": "automatic", "state-recover": "false", "state-retention-days": "30",
      "state-observation-retention-days": "400",
      "prometheus-endpoint":
        "http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090",
      "prometheus-skip-tls-verify": "false", "router-skip-tls-verify": "false",
      "etcd-skip-tls-verify": "false", "annotate": "false", "pushgateway-skip-tls-verify": "false",
      "scaling-max-wait-time": "1800", "deadline": "50",
      "output": "text", "detailed-exitcode": "false", "log-level": "info", "log-format": "text",
      "metrics-port": "0",
    ]
    let actual = OptionTable.options.reduce(into: [:]) { $0[$1.name] = $1.standard }
    #expect(actual == expected)
  }

  @Test("secrets have no flag, everything else that a person sets has one")
  func flagStyles() {
    let without = OptionTable.options.filter { $0.flagStyle == .none }.map(\.name)
    #expect(
      without == [
        "prometheus-token", "prometheus-password", "router-token", "router-password",
        "etcd-password", "kubeconfig", "pod-namespace", "pod-name", "service-account-dir",
        "metrics-port", "pushgateway-token", "pushgateway-password",
      ])
    #expect(OptionTable.options.allSatisfy { !$0.isSecret || $0.flagStyle == .none })
  }
}
