import ArgumentParser
import Settings

struct CommonOptions: ParsableArguments {
  @Option(.namespace) var namespace: String?
  @Option(.deployment) var deployment: String?
  @Option(.environment) var environment: String?
  @Option(.backend) var backend: String?
  @Option(.mode) var mode: String?
  @Option(.modelName) var modelName: String?
  @Option(.ttft) var ttft: String?
  @Option(.itl) var itl: String?
  @Option(.maxGPUBudget) var maxGPUBudget: String?
  @Option(.minEndpoint) var minEndpoint: String?
  @Option(.prefillEngineGPUs) var prefillEngineGPUs: String?
  @Option(.decodeEngineGPUs) var decodeEngineGPUs: String?
  @Flag(.noOperation) var noOperation: Bool

  var given: [GivenFlag] {
    [
      (.namespace, namespace), (.deployment, deployment), (.environment, environment),
      (.backend, backend), (.mode, mode), (.modelName, modelName), (.ttft, ttft), (.itl, itl),
      (.maxGPUBudget, maxGPUBudget), (.minEndpoint, minEndpoint),
      (.prefillEngineGPUs, prefillEngineGPUs), (.decodeEngineGPUs, decodeEngineGPUs),
      PlannerOption.noOperation.given(noOperation),
    ]
  }
}

struct ThroughputOptions: ParsableArguments {
  @Flag(.enableThroughputScaling) var throughputScaling: Bool?
  @Option(.adjustmentInterval) var adjustmentInterval: String?
  @Option(.profileResultsDirectory) var profileResultsDirectory: String?
  @Option(.loadPredictor) var loadPredictor: String?
  @Flag(.loadPredictorLog1p) var loadPredictorLog1p: Bool
  @Option(.prophetWindowSize) var prophetWindowSize: String?
  @Option(.kalmanQLevel) var kalmanQLevel: String?
  @Option(.kalmanQTrend) var kalmanQTrend: String?
  @Option(.kalmanR) var kalmanR: String?
  @Option(.kalmanMinPoints) var kalmanMinPoints: String?
  @Option(.loadPredictorWarmupTrace) var loadPredictorWarmupTrace: String?
  @Option(.forecastQuantile) var forecastQuantile: String?
  @Option(.startupDelay) var startupDelay: String?
  @Flag(.noCorrection) var noCorrection: Bool
  @Option(.throughputMetricsSource) var metricsSource: String?
  @Option(.catchUpIntervals) var catchUpIntervals: String?
  @Option(.settle) var settle: String?

  var given: [GivenFlag] {
    [
      PlannerOption.enableThroughputScaling.given(throughputScaling),
      (.adjustmentInterval, adjustmentInterval),
      (.profileResultsDirectory, profileResultsDirectory), (.loadPredictor, loadPredictor),
      PlannerOption.loadPredictorLog1p.given(loadPredictorLog1p),
      (.prophetWindowSize, prophetWindowSize), (.kalmanQLevel, kalmanQLevel),
      (.kalmanQTrend, kalmanQTrend), (.kalmanR, kalmanR), (.kalmanMinPoints, kalmanMinPoints),
      (.loadPredictorWarmupTrace, loadPredictorWarmupTrace), (.forecastQuantile, forecastQuantile),
      (.startupDelay, startupDelay),
      PlannerOption.noCorrection.given(noCorrection), (.throughputMetricsSource, metricsSource),
      (.catchUpIntervals, catchUpIntervals), (.settle, settle),
    ]
  }
}

struct SizingOptions: ParsableArguments {
  @Option(.sizing) var sizing: String?
  @Option(.slaQuantile) var slaQuantile: String?
  @Option(.backlogDrainSeconds) var backlogDrainSeconds: String?

  var given: [GivenFlag] {
    [
      (.sizing, sizing), (.slaQuantile, slaQuantile),
      (.backlogDrainSeconds, backlogDrainSeconds),
    ]
  }
}

struct LoadOptions: ParsableArguments {
  @Flag(.enableLoadbasedScaling) var loadbasedScaling: Bool?
  @Option(.loadbasedRouterMetricsURL) var routerMetricsURL: String?
  @Option(.loadbasedAdjustmentInterval) var adjustmentInterval: String?
  @Option(.loadbasedLearningWindow) var learningWindow: String?
  @Option(.loadbasedScalingDownSensitivity) var scalingDownSensitivity: String?
  @Option(.loadbasedMetricSamples) var metricSamples: String?
  @Option(.loadbasedMinObservations) var minObservations: String?
  @Option(.loadbasedAgreeingSamples) var agreeingSamples: String?
  @Option(.loadbasedWarmUp) var warmUp: String?

  var given: [GivenFlag] {
    [
      PlannerOption.enableLoadbasedScaling.given(loadbasedScaling),
      (.loadbasedRouterMetricsURL, routerMetricsURL),
      (.loadbasedAdjustmentInterval, adjustmentInterval),
      (.loadbasedLearningWindow, learningWindow),
      (.loadbasedScalingDownSensitivity, scalingDownSensitivity),
      (.loadbasedMetricSamples, metricSamples), (.loadbasedMinObservations, minObservations),
      (.loadbasedAgreeingSamples, agreeingSamples),
      (.loadbasedWarmUp, warmUp),
    ]
  }
}

struct DampingOptions: ParsableArguments {
  @Option(.scaleDownStabilization) var scaleDownStabilization: String?
  @Option(.maxScaleUpStep) var maxScaleUpStep: String?
  @Option(.maxScaleDownStep) var maxScaleDownStep: String?
  @Option(.holdLimit) var holdLimit: String?
  @Option(.holdFallback) var holdFallback: String?

  var given: [GivenFlag] {
    [
      (.scaleDownStabilization, scaleDownStabilization), (.maxScaleUpStep, maxScaleUpStep),
      (.maxScaleDownStep, maxScaleDownStep), (.holdLimit, holdLimit),
      (.holdFallback, holdFallback),
    ]
  }
}

struct StateOptions: ParsableArguments {
  @Option(.state) var state: String?
  @Option(.stateJournal) var journal: String?
  @Flag(.stateRecover) var recover: Bool
  @Option(.stateLease) var lease: String?
  @Option(.stateRetentionDays) var retentionDays: String?
  @Option(.stateObservationRetentionDays) var observationRetentionDays: String?

  var given: [GivenFlag] {
    [
      (.state, state), (.stateJournal, journal), PlannerOption.stateRecover.given(recover),
      (.stateLease, lease), (.stateRetentionDays, retentionDays),
      (.stateObservationRetentionDays, observationRetentionDays),
    ]
  }
}

struct OutputOptions: ParsableArguments {
  @Option(.config) var config: String?
  @Option(.now) var now: String?
  @Option(.deadline) var deadline: String?
  @Option(.repeatFor) var repeatFor: String?
  @Option(.output) var output: String?
  @Flag(.detailedExitCode) var detailedExitCode: Bool
  @Option(.logLevel) var logLevel: String?
  @Option(.logFormat) var logFormat: String?
  @Option(.metricsTextfile) var metricsTextfile: String?
  @Option(.pushgatewayURL) var pushgatewayURL: String?
  @Option(.record) var record: String?
  @Option(.replay) var replay: String?

  var given: [GivenFlag] {
    [
      (.config, config), (.now, now), (.deadline, deadline), (.repeatFor, repeatFor),
      (.output, output),
      PlannerOption.detailedExitCode.given(detailedExitCode), (.logLevel, logLevel),
      (.logFormat, logFormat), (.metricsTextfile, metricsTextfile),
      (.pushgatewayURL, pushgatewayURL), (.record, record), (.replay, replay),
    ]
  }
}
