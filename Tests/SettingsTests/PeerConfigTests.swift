import Foundation
import Planning
import TestSupport
import Testing

@testable import Settings

@Suite("A PlannerConfig of Dynamo")
struct PeerConfigTests {
  /// Every field of `PlannerConfig` in release 1.0.0 (`dynamo/planner/utils/planner_config.py`,
  /// Apache-2.0), with values of its types.
  static let release100 = """
    {
      "pre_deployment_sweeping_mode": "rapid", "environment": "virtual", "namespace": "vllm-disagg",
      "backend": "sglang", "mode": "disagg", "no_operation": true, "log_dir": null,
      "throughput_adjustment_interval": 60, "max_gpu_budget": 16, "min_endpoint": 2,
      "decode_engine_num_gpu": 4, "prefill_engine_num_gpu": null,
      "profile_results_dir": "/workspace/profiling_results", "ttft": 200.0, "itl": 20.0,
      "load_predictor": "kalman", "load_predictor_log1p": true, "prophet_window_size": 20,
      "load_predictor_warmup_trace": null, "kalman_q_level": 2.0, "kalman_q_trend": 0.2,
      "kalman_r": 20.0, "kalman_min_points": 7,
      "metric_pulling_prometheus_endpoint": "http://prometheus:9090/",
      "metric_reporting_prometheus_port": 0, "throughput_metrics_source": "router",
      "no_correction": false, "model_name": "Qwen/Qwen3-0.6B", "global_planner_namespace": null,
      "enable_throughput_scaling": true, "enable_load_scaling": true,
      "load_router_metrics_url": "http://router:8000/metrics", "load_adjustment_interval": 6,
      "load_learning_window": 40, "load_scaling_down_sensitivity": 70, "load_metric_samples": 3,
      "load_min_observations": 8
    }
    """

  @Test("of release 1.0.0 is taken over field by field")
  func release100IsAccepted() throws {
    let (settings, warnings) = try resolve([:], file: Self.release100)
    #expect(settings.environment == .virtual)
    #expect(settings.dynamoNamespace == "vllm-disagg")
    #expect(settings.backend == .sglang)
    #expect(settings.isDryRun)
    #expect(settings.maxGPUBudget == 16)
    #expect(settings.minEndpoint == 2)
    #expect(settings.gpusPerReplica == [.prefill: 1, .decode: 4])
    #expect(settings.componentsWithGivenGPUs == [.decode])
    #expect(settings.targets == LatencyTargets(ttftMilliseconds: 200, itlMilliseconds: 20))
    #expect(settings.modelName == "Qwen/Qwen3-0.6B")
    #expect(settings.prometheus.endpoint == "http://prometheus:9090")
    let throughput = try #require(settings.throughput)
    #expect(throughput.intervalSeconds == 60)
    #expect(throughput.profileDirectory == "/workspace/profiling_results")
    #expect(throughput.source == .router)
    #expect(throughput.wantsCorrection, "under sla also with load-based scaling on")
    #expect(throughput.predictor.kind == .kalman)
    #expect(throughput.predictor.usesLog1p)
    #expect(throughput.predictor.kalmanLevelNoise == 2)
    #expect(throughput.predictor.kalmanTrendNoise == 0.2)
    #expect(throughput.predictor.kalmanMeasurementNoise == 20)
    #expect(throughput.predictor.kalmanMinimumPoints == 7)
    #expect(throughput.predictor.prophetWindow == 20)
    #expect(throughput.predictor.intervalSeconds == 60)
    let load = try #require(settings.load)
    #expect(load.routerMetricsURL == "http://router:8000/metrics")
    #expect(load.intervalSeconds == 6)
    #expect(load.learningWindow == 40)
    #expect(load.scalingDownSensitivityPercent == 70)
    #expect(load.metricSamples == 3)
    #expect(load.minObservations == 8)
    #expect(
      warnings == [
        "planner.yaml: 'pre_deployment_sweeping_mode' (line 2) has no meaning here and was ignored: profile beforehand and name the folder in profile_results_dir."
      ])
  }

  @Test("of later releases is accepted, with a word on every field that has no meaning here")
  func laterReleasesAreAccepted() throws {
    let text = """
      pre_deployment_sweeping_mode: thorough
      environment: virtual
      optimization_target: throughput
      throughput_adjustment_interval_seconds: 120
      load_adjustment_interval_seconds: 10
      ttft_ms: 300
      itl_ms: 30
      min_gpu_budget: -1
      max_throughput_scaling_replicas: 4
      prefill_min_endpoint: null
      enable_power_awareness: false
      control_api_port: 0
      max_num_fpm_samples: 64
      fpm_sample_bucket_size: 16
      advisory: true
      metric_pulling_prometheus_ssl_verify: false
      metric_pulling_prometheus_token_file: /var/run/token
      report_interval_hours: 24.0
      live_dashboard_port: 8080
      scheduling: {scale_interval_seconds: 5.0, plugins: [a, {b: c}]}
      plugin_registration: {auth: {trusted_sources: []}}
      aic_interpolation: {hf_id: x, isl: 3000}
      """
    let (settings, warnings) = try resolve([:], file: text)
    #expect(settings.targets == LatencyTargets(ttftMilliseconds: 300, itlMilliseconds: 30))
    #expect(settings.throughput?.intervalSeconds == 120)
    #expect(settings.isDryRun)
    #expect(settings.prometheus.access.skipsTLSVerification)
    #expect(settings.prometheus.access.tokenFile == "/var/run/token")
    let named = warnings.dropLast().compactMap { $0.split(separator: "'").dropFirst().first }
    #expect(
      named == [
        "pre_deployment_sweeping_mode", "scheduling", "plugin_registration",
        "aic_interpolation",
      ])
    #expect(
      warnings.last
        == "planner.yaml: max_num_fpm_samples, fpm_sample_bucket_size, report_interval_hours, live_dashboard_port have no meaning here and were ignored, being at the default of Dynamo's planner."
    )
  }

  /// Every field of release 1.6.1, as `PlannerConfig().model_dump_json()` writes them (Apache-2.0).
  private func release161() throws -> String {
    try String(contentsOf: Fixture.url("peer/planner_config_1.6.1.json"), encoding: .utf8)
  }

  @Test("of release 1.6.1 loads as it is dumped, whatever its target")
  func release161IsAccepted() throws {
    let dump = try release161()
    #expect(throws: Never.self) {
      // As aggregated workers dump it.
      let text = dump.replacing("\"mode\": \"disagg\"", with: "\"mode\": \"agg\"")
      _ = try SettingsLayer.file(try ConfigurationFile.parse(text, name: "agg.json"))
    }
    let own = [
      "environment": "virtual", "namespace": "n",
      "loadbased-router-metrics-url": "http://r/metrics",
    ]
    for (text, targets) in [
      (dump, LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 50)),
      (
        dump.replacing("\"throughput\",", with: "\"sla\",")
          .replacing("\"ttft_ms\": 500.0", with: "\"ttft_ms\": 300.0")
          .replacing(
            "\"enable_throughput_scaling\": false", with: "\"enable_throughput_scaling\": true"),
        LatencyTargets(ttftMilliseconds: 300, itlMilliseconds: 50)
      ),
    ] {
      var flags = minimalFlags
      flags.merge(own) { $1 }
      let (settings, warnings) = try resolve(flags, file: text)
      #expect(settings.targets == targets)
      #expect(settings.maxGPUBudget == 8)
      #expect(!warnings.contains { $0.contains("without 'optimization_target'") })
    }
  }

  @Test(
    "says what to add to the query as one text, as a list or as a table",
    arguments: ["'ns=a&tenant=b'", "[ns=a, tenant=b]", "{tenant: b, ns: a}"])
  func queryParameters(_ value: String) throws {
    let text = "metric_pulling_prometheus_extra_query_params: \(value)"
    let access = try resolve(minimalFlags, file: text).settings.prometheus.access
    #expect(access.queryParameters == ["ns=a", "tenant=b"])
  }

  @Test("of release 1.6.1 has no field that is not understood, ignored with a word, or refused")
  func everyFieldHasAnAnswer() throws {
    let file = try ConfigurationFile.parse(try release161(), name: "planner.json")
    #expect(file.entries.count == 55)
    var understood: [String] = []
    for entry in file.entries {
      let one = ConfigurationFile(name: "planner.json", entries: [entry])
      #expect(throws: Never.self, "\(entry.key)") { try SettingsLayer.file(one) }
      if !PeerField.all.contains(where: { $0.key == entry.key }) { understood.append(entry.key) }
    }
    #expect(
      understood.sorted() == [
        "advisory", "backend", "decode_engine_num_gpu", "decode_min_endpoint",
        "decode_scale_down_kv_rate", "decode_scale_up_kv_rate", "enable_load_scaling",
        "enable_throughput_scaling", "environment", "itl_ms", "kalman_min_points",
        "kalman_q_level", "kalman_q_trend", "kalman_r", "load_adjustment_interval_seconds",
        "load_min_observations", "load_predictor", "load_predictor_log1p",
        "load_predictor_warmup_trace", "load_scaling_down_sensitivity", "max_gpu_budget",
        "max_throughput_scaling_replicas", "metric_reporting_prometheus_port", "min_endpoint",
        "min_gpu_budget", "mode", "model_name", "optimization_target", "prefill_engine_num_gpu",
        "prefill_min_endpoint", "prefill_scale_down_queue_tokens",
        "prefill_scale_up_queue_tokens", "profile_results_dir", "prophet_window_size",
        "throughput_adjustment_interval_seconds", "throughput_metrics_source", "ttft_ms",
      ])
    #expect(
      PeerField.all.filter(\.isRefused).map(\.key).sorted() == [
        "enable_power_awareness", "total_gpu_power_limit",
      ])
  }

  @Test("a newer file that doesn't say what it optimises for is told what that means")
  func absentTarget() throws {
    let (_, warnings) = try resolve(minimalFlags, file: "ttft_ms: 300\nitl_ms: 20")
    #expect(warnings.contains { $0.contains("without 'optimization_target'") })
    let (_, own) = try resolve(minimalFlags, file: "ttft: 300\nitl: 20")
    #expect(own == [])
  }

  @Test(
    "fields that protect the deployment are refused, not ignored",
    arguments: [
      "enable_power_awareness: true", "total_gpu_power_limit: 5000",
      "scheduling: {external_plugins: [{name: cap, stage: constrain}]}",
      "scheduling: {gateway: {enabled: true}}",
      "plugin_registration: {in_process_plugins: [a.b.Cap]}",
    ])
  func refused(text: String) throws {
    let error = settingsError { _ = try resolve(minimalFlags, file: text) }
    #expect(error?.description.contains("can't be followed") == true)
    #expect(error?.exitCode == 78)
  }

  @Test("certificates are verified when the peer's file says so, and by default")
  func verification() throws {
    let key = "metric_pulling_prometheus_ssl_verify"
    #expect(
      try !resolve(minimalFlags, file: "\(key): true").settings.prometheus.access
        .skipsTLSVerification)
    #expect(try !resolve(minimalFlags).settings.prometheus.access.skipsTLSVerification)
  }

  @Test("the global planner's environment is an error that says what to do")
  func globalPlanner() {
    let error = settingsError {
      _ = try resolve([:], file: "environment: global-planner\nglobal_planner_namespace: g")
    }
    #expect(
      error?.description.contains("schedule one run for each deployment") == true)
  }
}
