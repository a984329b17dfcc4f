import Testing

@testable import Settings

/// Peer fault 32: the original takes an interval of 0, a predictor "bogus", a TTFT of −1, a minimum
/// of −3, a sensitivity of 500 and 0 samples.
@Suite("Values that can't be")
struct InvalidValueTests {
  /// Options with a text that each has to refuse.
  static let table: [(String, String)] =
    [
      ("ttft", "abc"), ("ttft", ""), ("ttft", "-1"), ("ttft", "0"), ("ttft", "nan"),
      ("ttft", "inf"), ("ttft", "-inf"), ("ttft", "1e400"), ("ttft", "5 00"), ("ttft", "5,0"),
      ("ttft", "500ms"), ("ttft", "1e10"), ("itl", "0"), ("itl", "NaN"), ("itl", "Infinity"),
      ("adjustment-interval", "0"), ("adjustment-interval", "-180"),
      ("adjustment-interval", "1.5"), ("adjustment-interval", "99999999999999999999"),
      ("adjustment-interval", "1e300"), ("adjustment-interval", "nan"),
      ("loadbased-adjustment-interval", "0"), ("loadbased-adjustment-interval", "-5"),
      ("loadbased-adjustment-interval", "inf"),
      ("min-endpoint", "0"), ("min-endpoint", "-3"), ("min-endpoint", "1.5"),
      ("min-endpoint", "9223372036854775808"), ("max-gpu-budget", "eight"),
      ("max-gpu-budget", "1e18"), ("prefill-engine-num-gpu", "0"),
      ("decode-engine-num-gpu", "-1"), ("decode-engine-num-gpu", "0.5"),
      ("loadbased-scaling-down-sensitivity", "500"),
      ("loadbased-scaling-down-sensitivity", "-1"),
      ("loadbased-scaling-down-sensitivity", "100.01"),
      ("loadbased-scaling-down-sensitivity", "nan"), ("loadbased-metric-samples", "0"),
      ("loadbased-learning-window", "0"), ("loadbased-min-observations", "0"),
      ("loadbased-warm-up", "-1"), ("prophet-window-size", "0"), ("kalman-min-points", "0"),
      ("forecast-quantile", "0"),
      ("forecast-quantile", "1"), ("forecast-quantile", "nan"), ("forecast-quantile", "90%"),
      ("startup-delay", "-1"), ("startup-delay", "1e9"), ("startup-delay", "90s"),
      ("load-predictor-warmup-trace", "a\nb"), ("kalman-r", "0"), ("kalman-q-level", "-0.1"),
      ("kalman-q-trend", "nan"),
      ("catch-up-intervals", "-1"), ("mode", "disaggregated"), ("backend", "tgi"),
      ("environment", "local"), ("load-predictor", "bogus"),
      ("sizing", "slo"), ("sla-quantile", "1"), ("sla-quantile", "0.49"), ("sla-quantile", "nan"),
      ("backlog-drain-seconds", "0"), ("backlog-drain-seconds", "inf"),
      ("throughput-metrics-source", "prometheus"), ("output", "xml"), ("log-level", "loud"),
      ("state-journal", "off"), ("deadline", "0"), ("deadline", "nan"), ("state-lease", "-1"),
      ("state-retention-days", "0"), ("scale-down-stabilization", "-1"),
      ("max-scale-up-step", "0"), ("max-scale-down-step", "x"), ("hold-limit", "-1"),
      ("hold-fallback", "2"), ("hold-fallback", "2,x"), ("hold-fallback", "-1,2"),
      ("hold-fallback", "1,2,3"), ("hold-fallback", "1,99999999999"), ("now", "yesterday"),
      ("now", "-1"), ("now", "nan"), ("no-operation", "maybe"), ("no-operation", "2"),
      ("deployment", "../pods"), ("deployment", "Upper"), ("deployment", "-a"),
      ("deployment", "a..b"), ("deployment", "a_b"), ("namespace", ""), ("namespace", "a\nb"),
      ("state", "a\u{0}b"), ("prometheus-endpoint", "localhost:9090"),
      ("prometheus-endpoint", "ftp://a"), ("prometheus-endpoint", "http://"),
      ("prometheus-endpoint", "http://u:p@a"), ("etcd-endpoints", ","),
      ("etcd-endpoints", "http://a,ftp://b"), ("etcd-endpoints", "http://a;b"),
      ("loadbased-router-metrics-url", "metrics"), ("metrics-port", "65536"),
      ("metrics-textfile", "/run/planner.txt"), ("metrics-textfile", "folder.prom/"),
      ("pushgateway-url", "gateway:9091"), ("pushgateway-url", "http://u:p@gateway"),
    ]

  @Test("are refused in the environment, with its name, exit 78", arguments: table)
  func inEnvironment(name: String, text: String) throws {
    let variable = PlannerOption.variable(for: name)
    let error = settingsError {
      _ = try readAll([
        try SettingsLayer.recorded([name: text]), try SettingsLayer.environment([variable: text]),
      ])
    }
    #expect(error?.exitCode == 78)
    #expect(error?.description.contains(name) == true)
    if text.isEmpty { return }  // An empty variable counts as not set.
    let fromEnvironment = settingsError {
      _ = try readAll([try SettingsLayer.environment([variable: text])])
    }
    #expect(
      fromEnvironment?.description.hasPrefix("The environment variable \(variable) is '") == true)
  }

  @Test("are refused on the command line, with the flag, exit 64", arguments: table)
  func onTheCommandLine(name: String, text: String) throws {
    let error = settingsError { _ = try readAll([try SettingsLayer.flags([name: text])]) }
    #expect(error?.exitCode == 64)
    #expect(error?.description.hasPrefix("--\(name) is '") == true)
    #expect(error?.description.contains("has to be") == true)
  }

  @Test("the message names place, value, rule and way out")
  func messages() {
    let flag = settingsError { _ = try resolve(["ttft": "abc"]) }
    #expect(
      flag?.description
        == "--ttft is 'abc', but has to be a number above 0 and at most 1000000000 (ms). Correct it, or leave it out for the default."
    )
    let file = settingsError { _ = try resolve([:], file: "mode: agg\n\nitl: -1") }
    #expect(
      file?.description
        == "planner.yaml: 'itl' (line 3) is '-1', but has to be a number above 0 and at most 1000000000 (ms). Correct it, or leave it out for the default."
    )
    #expect(file?.exitCode == 78)
  }

  @Test(
    "words that are known but can't be had say why",
    arguments: [
      ("environment", "global-planner", "choose one of kubernetes, metric, scale, virtual")
    ])
  func unavailable(name: String, word: String, part: String) {
    let flag = settingsError { _ = try resolve([name: word]) }
    #expect(flag?.description.contains(part) == true)
    #expect(flag?.exitCode == 64)
    let key = PlannerOption.fileKey(for: name)
    #expect(settingsError { _ = try resolve([:], file: "\(key): \(word)") }?.exitCode == 78)
  }

  @Test("a message shows no secret, no control character and no endless value")
  func safeMessages() {
    let long = settingsError { _ = try resolve(["ttft": String(repeating: "9", count: 5000)]) }
    #expect((long?.description.utf8.count ?? .max) < 300)
    let control = settingsError { _ = try resolve(["mode": "a\u{1B}[31m\nb"]) }
    #expect(control?.description.contains("'a?[31m?b'") == true)
    let url = settingsError {
      _ = try resolve(["prometheus-endpoint": "http://me:pass@host:1/?token=abc"])
    }
    #expect(url?.description.contains("'http://***@host:1/?***'") == true)
    let token = settingsError {
      _ = try resolve(minimalFlags, environment: ["PROMETHEUS_TOKEN": "a\nHost: b"])
    }
    #expect(token?.description.contains("'***'") == true)
    #expect(token?.description.contains("Host") == false)
  }
}
