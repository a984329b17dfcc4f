import Planning

/// Whose metrics count: the servers of one deployment among all that Prometheus scrapes.
///
/// Label matchers take series that lack the label too: a static scrape configuration names no pods.
public struct EngineScope: Sendable, Equatable {
  /// The Kubernetes namespace of the servers; empty for any.
  public var namespace: String
  /// A regular expression of each component's pods (RE2, to be anchored); a component without one has
  /// all of them.
  public var pods: [Component: String]

  /// Creates a scope.
  public init(namespace: String = "", pods: [Component: String] = [:]) {
    self.namespace = namespace
    self.pods = pods
  }

  /// The selector of some metrics.
  func selector(
    _ names: [String], of engine: EngineMetrics, modelName: String?, _ extra: [String] = []
  ) -> String {
    var matchers = ["__name__=~\(PromQL.literal(names.joined(separator: "|")))"]
    if let modelName {
      matchers.append("model_name=~\(PromQL.literal(ModelNames(modelName).pattern))")
    }
    if !namespace.isEmpty {
      matchers.append("namespace=~\(PromQL.literal("|" + PromQL.escapedPattern(namespace)))")
    }
    if !pods.isEmpty {
      let all = pods.sorted { $0.key < $1.key }.map(\.value).joined(separator: "|")
      matchers.append("pod=~\(PromQL.literal("|" + all))")
    }
    return "{\((matchers + engine.matchers + extra).joined(separator: ","))}"
  }

  /// The servers of one component, where there are two.
  func narrowed(to component: Component) -> EngineScope {
    guard pods.count > 1 else { return self }
    return EngineScope(namespace: namespace, pods: pods.filter { $0.key == component })
  }

  /// Whether a series is of the servers of `component`; where there is only one, all are.
  func has(_ series: SampleAnswer.Series, in component: Component) -> Bool {
    pods.count < 2 || self.component(of: series.labels, in: .disagg) == component
  }

  /// The component that a series belongs to; nil when its pod is of none.
  func component(of labels: [String: String], in mode: DeploymentMode) -> Component? {
    let components = mode.components
    guard components.count > 1 else { return components.first }
    guard let pod = labels["pod"] else { return nil }
    return components.first { component in
      guard let pattern = pods[component], let expression = try? Regex(pattern) else {
        return false
      }
      return (try? expression.wholeMatch(in: pod)) ?? nil != nil
    }
  }
}
