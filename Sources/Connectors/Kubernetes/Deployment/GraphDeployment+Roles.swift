import Invocation
import Planning

extension GraphDeployment {
  /// The component that plays the part of `component`.
  ///
  /// Exactly one has the role; else the one that bears the backend's traditional name and states
  /// no role; in an aggregated deployment else the only worker of no particular kind.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)``, naming what there is.
  func component(
    for component: Component, mode: DeploymentMode, backend: String
  ) throws -> GraphComponent {
    let role: GraphComponent.Role = component == .prefill ? .prefill : .decode
    if let only = try onlyComponent(with: role, called: component.rawValue) { return only }
    let traditional = Self.traditionalName(of: component, backend: backend)
    if let named = components.first(where: { $0.name == traditional }),
      named.role == .worker || named.role == .other(nil)
    {
      return named
    }
    if mode == .agg, let only = try onlyComponent(with: .worker, called: "worker") { return only }
    let there = components.map { "\($0.name) (\($0.role.label))" }.joined(separator: ", ")
    let wanted = mode == .agg ? "'decode' or of type worker" : "'\(component.rawValue)'"
    throw ConnectorError.misconfigured(
      "The DynamoGraphDeployment '\(name)' has no component with the role \(wanted), nor one called '\(traditional)'; it has: \(there.isEmpty ? "none" : there). State the role there (\(version == "v1alpha1" ? "subComponentType" : "type")), or choose another --mode or --backend."
    )
  }

  private func onlyComponent(
    with role: GraphComponent.Role, called label: String
  ) throws -> GraphComponent? {
    let found = components.filter { $0.role == role }
    guard found.count < 2 else {
      let names = found.map { "'\($0.name)'" }.joined(separator: " and ")
      throw ConnectorError.misconfigured(
        "The components \(names) of the DynamoGraphDeployment '\(name)' all have the role '\(label)'; the planner scales one of each. Change the role of the others."
      )
    }
    return found.first
  }

  /// Names that deployments used before components could state a role.
  private static func traditionalName(of component: Component, backend: String) -> String {
    switch (backend, component) {
    case ("vllm", .prefill): "VllmPrefillWorker"
    case ("vllm", .decode): "VllmDecodeWorker"
    case ("trtllm", .prefill): "TRTLLMPrefillWorker"
    case ("trtllm", .decode): "TRTLLMDecodeWorker"
    case (_, .prefill): "prefill"
    case (_, .decode): "decode"
    }
  }
}

extension GraphComponent.Role {
  fileprivate var label: String {
    switch self {
    case .prefill: "prefill"
    case .decode: "decode"
    case .worker: "worker"
    case .frontend: "frontend"
    case .other(let type): type ?? "no role"
    }
  }
}
