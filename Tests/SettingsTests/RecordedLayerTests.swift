import Testing

@testable import Settings

@Suite("Recorded settings")
struct RecordedLayerTests {
  static let environment = [
    "PROMETHEUS_TOKEN": "s3cr3t-token", "ETCD_AUTH_USERNAME": "root",
    "ETCD_AUTH_PASSWORD": "s3cr3t-password", "SLA_PLANNER_ROUTER_USER": "me",
    "SLA_PLANNER_ROUTER_PASSWORD": "s3cr3t-router",
    "SLA_PLANNER_DISABLE_THROUGHPUT_SCALING": "no",
  ]
  static let file = """
    ttft_ms: 250
    enable_load_scaling: true
    load_router_metrics_url: http://router:8000/metrics
    metric_pulling_prometheus_ssl_verify: false
    etcd_endpoints: etcd:2379
    hold_limit: 600
    hold_fallback: 2,3
    """
  static let flags = [
    "environment": "virtual", "now": "2026-11-23T20:30:00.25+01:00", "max-scale-up-step": "2",
    "state-lease": "90", "decode-engine-num-gpu": "2", "record": "recording",
    "config": "planner.yaml", "log-level": "DEBUG",
  ]

  @Test("give the same settings again, but for secrets and the recording itself")
  func roundTrip() throws {
    var original = try resolve(Self.flags, environment: Self.environment, file: Self.file).settings
    var again = try RunSettings.resolve(
      flags: [:], recorded: original.recordedLayer, environment: [:]
    ).settings
    #expect(again.recordedLayer == original.recordedLayer)
    #expect(original.recordDirectory == "recording")
    #expect(again.recordDirectory == nil)
    #expect(again.prometheus.access.token == nil)
    (original.recordDirectory, original.entries, again.entries) = (nil, [], [])
    original.prometheus.access.token = nil
    original.etcd.access.password = nil
    original.routerAccess.password = nil
    #expect(again == original)
  }

  @Test("let a flag override them")
  func overridden() throws {
    let recorded = try resolve(Self.flags, environment: Self.environment, file: Self.file)
      .settings.recordedLayer
    let again = try RunSettings.resolve(
      flags: ["itl": "10", "replay": "recording"], recorded: recorded, environment: [:]
    ).settings
    #expect(again.targets.itlMilliseconds == 10)
    #expect(again.targets.ttftMilliseconds == 250)
    #expect(again.replayDirectory == "recording")
  }

  @Test("name every option that has a value, sorted, and no secret")
  func entries() throws {
    let settings = try resolve(Self.flags, environment: Self.environment, file: Self.file).settings
    #expect(settings.entries.map(\.name) == settings.entries.map(\.name).sorted())
    let hidden = settings.entries.filter { $0.value == "***" }.map(\.name)
    #expect(hidden == ["etcd-password", "prometheus-token", "router-password"])
    let skips = settings.entries.first { $0.name == "prometheus-skip-tls-verify" }
    #expect(skips?.value == "true")
    #expect(
      skips?.origin
        == .file(
          name: "planner.yaml", key: "metric_pulling_prometheus_ssl_verify", line: 4))
    for name in ["config", "record", "etcd-password", "prometheus-token"] {
      #expect(settings.recordedLayer[name] == nil)
    }
    #expect(settings.recordedLayer["enable-throughput-scaling"] == "true")
  }

  @Test("never show a secret, however they are printed")
  func secrets() throws {
    let settings = try resolve(Self.flags, environment: Self.environment, file: Self.file).settings
    #expect(settings.prometheus.access.token?.revealed == "s3cr3t-token")
    var text = "\(settings) \(String(reflecting: settings)) \(settings.recordedLayer)"
    dump(settings, to: &text)
    #expect(!text.contains("s3cr3t"))
  }

  @Test("of a newer version with an option that isn't known are refused")
  func unknown() {
    let error = settingsError {
      _ = try RunSettings.resolve(flags: [:], recorded: ["goal-of-2030": "0.9"], environment: [:])
    }
    #expect(error == .unknownRecordedOption("goal-of-2030"))
    #expect(error?.exitCode == 78)
  }
}
