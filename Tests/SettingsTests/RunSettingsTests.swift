import Forecasting
import Planning
import Testing

@testable import Settings

@Suite("Run settings")
struct RunSettingsTests {
  @Test("of a bare virtual run are the defaults")
  func defaults() throws {
    let (settings, warnings) = try resolve(minimalFlags)
    #expect(warnings == [])
    #expect(settings.mode == .disagg)
    #expect(settings.backend == .vllm)
    #expect(settings.dynamoNamespace == "dynamo")
    #expect(settings.targets == LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 50))
    #expect(settings.maxGPUBudget == 8)
    #expect(settings.minEndpoint == 1)
    #expect(settings.gpusPerReplica == [.prefill: 1, .decode: 1])
    #expect(settings.componentsWithGivenGPUs == [])
    #expect(settings.load == nil)
    #expect(settings.policy().throughput?.usesCorrection == true)
    #expect(
      settings.throughput?.predictor
        == PredictorSettings(kind: .arima, intervalSeconds: 180))
    #expect(settings.throughput?.warmUpTrace == nil)
    #expect(settings.throughput?.catchUpIntervals == 500)
    #expect(settings.sizing == .sla(SLASizingPolicy()))
    #expect(
      settings.damping == Damping(scaleDownStabilizationSeconds: 300, smallestScaleDownShare: 0.1))
    #expect(settings.hold == HoldPolicy())
    #expect(settings.etcd.endpoints == [])
    #expect(settings.etcd.maximumWaitSeconds == 1800)
    #expect(settings.state.path == "state/planner.sqlite")
    #expect(settings.leaseSeconds == 80)
    #expect(settings.state.decisionRetentionDays == 30)
    #expect(settings.state.observationRetentionDays == 400)
    #expect(settings.now == nil)
    #expect(settings.waitsBetweenSamples)
    #expect(settings.deadlineSeconds == 50)
  }

  @Test("the predictors are told of quantile, start-up time and warm-up trace")
  func forecasting() throws {
    let (settings, warnings) = try resolve(
      ["environment": "virtual", "forecast-quantile": "0.95"],
      environment: ["SLA_PLANNER_STARTUP_DELAY": "90"],
      file: "load_predictor: auto\nload_predictor_warmup_trace: /traces/chat.jsonl")
    #expect(warnings == [])
    #expect(
      settings.throughput?.predictor
        == PredictorSettings(
          kind: .auto, intervalSeconds: 180, forecastQuantile: 0.95, startupDelaySeconds: 90))
    #expect(settings.throughput?.warmUpTrace == "/traces/chat.jsonl")
  }

  @Test("the default lease outlasts a longer deadline")
  func lease() throws {
    let (settings, _) = try resolve(["environment": "virtual", "deadline": "600"])
    #expect(settings.leaseSeconds == 630)
  }

  @Test("the Lease is called after the deployment unless it is named")
  func kubernetesLease() throws {
    let bare = try resolve(["deployment": "chat"]).settings
    #expect(bare.leaseName == "chat-planner")
    #expect(bare.kubernetes.namespace == nil)
    let named = try resolve(
      ["deployment": "chat", "kubernetes-lease": "mine"], environment: ["POD_NAMESPACE": "serving"])
    #expect(named.settings.leaseName == "mine")
    #expect(named.settings.kubernetes.namespace == "serving")
  }

  @Test(
    "the time to repeat for may be written with its unit",
    arguments: [("55", 55.0), ("55s", 55), ("7.5s", 7.5)])
  func repeating(text: String, seconds: Double) throws {
    let flags = RuleTests.load.merging(["repeat-for": text]) { $1 }
    #expect(try resolve(flags).settings.repeatSeconds == seconds)
    #expect(try resolve(RuleTests.load).settings.repeatSeconds == nil)
  }

  @Test(
    "the time to repeat for is a number of seconds above 0",
    arguments: ["0", "s", "-5s", "55m", "1s s", "86401", "nan", "infs"])
  func notRepeating(text: String) {
    let error = settingsError {
      _ = try resolve(RuleTests.load.merging(["repeat-for": text]) { $1 })
    }
    #expect(error?.description.contains("like 55 or 55s") == true)
    #expect(error?.exitCode == 64)
  }

  @Test("sizing carries its options; only sla keeps corrections beside load scaling")
  func sizing() throws {
    let own = ["sla-quantile": "0.9", "backlog-drain-seconds": "30"]
    let flags = RuleTests.load.merging(own) { $1 }
    let capacity = try resolve(flags.merging(["sizing": "capacity"]) { $1 }).settings.policy()
    #expect(capacity.throughput?.sizing == .capacity)
    #expect(capacity.throughput?.usesCorrection == false)
    let sla = try resolve(flags.merging(["sizing": "sla"]) { $1 }).settings.policy()
    #expect(
      sla.throughput?.sizing == .sla(SLASizingPolicy(quantile: 0.9, backlogDrainSeconds: 30)))
    #expect(sla.throughput?.usesCorrection == true)
    #expect(capacity.damping.scaleDownStabilizationSeconds == 0)
    #expect(sla.damping.scaleDownStabilizationSeconds == 300)
  }

  @Test(
    "a negative budget is none",
    arguments: [("-1", nil), ("-500", nil), ("2", 2)] as [(String, Int?)])
  func budget(text: String, budget: Int?) throws {
    let (settings, _) = try resolve(["environment": "virtual", "max-gpu-budget": text])
    #expect(settings.maxGPUBudget == budget)
  }

  @Test("etcd endpoints without a scheme mean http, and slashes at the end go")
  func etcdEndpoints() throws {
    let (settings, _) = try resolve(
      minimalFlags, environment: ["ETCD_ENDPOINTS": "etcd-0:2379, https://etcd-1:2379/,"])
    #expect(settings.etcd.endpoints == ["http://etcd-0:2379", "https://etcd-1:2379"])
  }

  @Test("the fallback of a hold keeps to what the mode scales")
  func fallback() throws {
    let flags = ["environment": "virtual", "hold-limit": "60", "hold-fallback": "2, 4"]
    #expect(try resolve(flags).settings.hold.fallback == [.prefill: 2, .decode: 4])
    let decode = flags.merging(["mode": "decode"]) { $1 }
    #expect(try resolve(decode).settings.hold.fallback == [.decode: 4])
  }

  @Test("time doesn't pass between samples as of another time or on a recording")
  func waiting() throws {
    let asOf = ["environment": "virtual", "now": "2026-11-23T20:30:00Z"]
    let (settings, _) = try resolve(asOf)
    #expect(settings.now == 1_795_465_800)
    #expect(!settings.waitsBetweenSamples)
    #expect(
      try !resolve(["environment": "virtual", "replay": "r"]).settings.waitsBetweenSamples)
  }

  @Test("the policy for the decision carries everything that it needs")
  func policy() throws {
    let (settings, _) = try resolve([
      "deployment": "d", "mode": "prefill", "enable-loadbased-scaling": "true", "ttft": "100",
      "max-scale-up-step": "3", "loadbased-warm-up": "7", "prefill-engine-num-gpu": "2",
      "adjustment-interval": "60", "sizing": "capacity",
    ])
    let expected = PlanningPolicy(
      mode: .prefill, targets: LatencyTargets(ttftMilliseconds: 100, itlMilliseconds: 50),
      minimumReplicas: 1, gpuBudget: 8, gpusPerReplica: [.prefill: 2],
      throughput: ThroughputPolicy(intervalSeconds: 60, usesCorrection: false),
      load: LoadPolicy(warmUpSeconds: 7), damping: Damping(maximumScaleUpStep: 3))
    #expect(settings.policy() == expected)
    #expect(
      settings.policy(gpusPerReplica: [.prefill: 4, .decode: 9]).gpusPerReplica == [.prefill: 4])
  }

  @Test("load-based scaling catches up where sizing holds the targets, also alone")
  func catchingUp() throws {
    func catchUp(_ flags: [String: String]) throws -> LoadCatchUp? {
      let load = [
        "deployment": "d", "mode": "agg", "enable-loadbased-scaling": "true",
        "enable-throughput-scaling": "false",
      ]
      return try resolve(load.merging(flags) { $1 }).settings.policy().load?.catchUp
    }
    #expect(try catchUp(["sizing": "capacity", "loadbased-agreeing-samples": "3"]) == nil)
    #expect(try catchUp(["sizing": "sla"]) == LoadCatchUp())
    #expect(
      try catchUp(["sizing": "sla", "loadbased-agreeing-samples": "3"])
        == LoadCatchUp(agreeingSamples: 3))
  }

  @Test("a variable that looks misspelt is warned of; those that Kubernetes makes are not")
  func misspelt() throws {
    let (_, warnings) = try resolve(
      minimalFlags,
      environment: [
        "SLA_PLANNER_TFTT": "1", "SLA_PLANNER_PORT": "tcp://10.0.0.1:80", "TTFT": "1",
        "SLA_PLANNER_SERVICE_HOST": "10.0.0.1", "SLA_PLANNER_PORT_80_TCP": "tcp://10.0.0.1:80",
      ])
    #expect(
      warnings == [
        "The environment variable SLA_PLANNER_TFTT is not known and was ignored; did you mean SLA_PLANNER_TTFT?"
      ])
  }

  @Test("the planner's own metrics go nowhere unless a place is given, or several")
  func ownMetrics() throws {
    #expect(try resolve(minimalFlags).settings.ownMetrics.isOff)
    let (settings, warnings) = try resolve(
      minimalFlags.merging(["metrics-textfile": "/run/planner.prom"]) { $1 },
      environment: [
        "PLANNER_PROMETHEUS_PORT": "9085", "SLA_PLANNER_PUSHGATEWAY_URL": "http://gateway:9091/p/",
      ])
    #expect(settings.ownMetrics.port == 9085)
    #expect(settings.ownMetrics.textfile == "/run/planner.prom")
    #expect(settings.ownMetrics.pushgatewayURL == "http://gateway:9091/p")
    #expect(!settings.ownMetrics.isOff)
    #expect(warnings == [])
    #expect(
      try resolve(minimalFlags, file: "metric_reporting_prometheus_port: 9085").settings.ownMetrics
        .port == 9085)
  }
}
