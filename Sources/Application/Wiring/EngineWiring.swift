import Connectors
import MetricSources
import Planning
import Settings

extension RunSettings {
  /// The engine whose own metrics are read; nil where Dynamo's are.
  var engine: EngineMetrics? {
    switch self.metrics {
    case .dynamo: nil
    case .vllm: .vllm
    case .sglang: .sglang
    case .trtllm: .tensorRTLLM
    }
  }

  /// Where the load of the workers is read: the router's page, or Prometheus; nil where the deployment
  /// tells.
  var loadURL: String? { engine == nil ? load?.routerMetricsURL : self.prometheus.endpoint }

  /// Whose servers count: the pods of the targets in their namespace. Where no targets are named, all
  /// that serve the model do.
  func engineScope(_ clusterNamespace: String?) -> EngineScope {
    let targets = self.workloads.names.compactMapValues(ScaleTarget.init)
    return EngineScope(
      namespace: targets.isEmpty ? "" : clusterNamespace ?? "",
      pods: targets.mapValues(\.podPattern))
  }
}
