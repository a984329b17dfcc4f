/// Where the replicas live.
public enum DeploymentEnvironment: String, Codable, Sendable, CaseIterable {
  /// A DynamoGraphDeployment in a Kubernetes cluster.
  case kubernetes
  /// The same, but something else scales it: decisions are published as metrics and not applied.
  case metric
  /// Workloads in a cluster that have a `scale` subresource: a Deployment, a LeaderWorkerSet, ….
  case scale
  /// Anywhere else: decisions are handed over through etcd or the state file.
  case virtual
}

/// The engine of the workers; it only decides what components are called by tradition.
public enum Backend: String, Codable, Sendable, CaseIterable {
  /// vLLM.
  case vllm
  /// SGLang.
  case sglang
  /// TensorRT-LLM.
  case trtllm
  /// Dynamo's simulated engine.
  case mocker
}

/// Who serves the metrics of traffic and workers.
public enum MetricsDialect: String, Codable, Sendable, CaseIterable {
  /// Dynamo's frontend or router.
  case dynamo
  /// Each vLLM server.
  case vllm
  /// Each SGLang server.
  case sglang
  /// Each TensorRT-LLM server.
  case trtllm
}

/// Whose metrics count traffic.
public enum TrafficMetricsSource: String, Codable, Sendable, CaseIterable {
  /// The frontend's `dynamo_frontend_*`.
  case frontend
  /// The router's `dynamo_component_router_*`.
  case router
}

/// How throughput becomes replicas.
enum SizingName: String, Codable, Sendable, CaseIterable {
  /// Demand over profiled capacity, as the original planner does.
  case capacity
  /// By queueing and concurrency, so that the targets are held.
  case sla
}

/// How something is printed.
public enum OutputFormat: String, Codable, Sendable, CaseIterable {
  /// For people.
  case text
  /// For programs, one JSON object.
  case json
}

/// The least severity that is logged, with the names of swift-log.
public enum LogLevel: String, Codable, Sendable, CaseIterable {
  /// Everything.
  case trace
  /// Each input of the decision.
  case debug
  /// One summary a run.
  case info
  /// What is worth knowing, but no fault.
  case notice
  /// A degraded run.
  case warning
  /// A failed run.
  case error
  /// A failed run that may have left something undone.
  case critical
}
