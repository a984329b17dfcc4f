import HTTPTransport

extension KubernetesAPI {
  /// Reads a DynamoGraphDeployment out of an answer.
  ///
  /// - Throws: ``ConnectorError/unreachable(_:)`` when it isn't one.
  nonisolated func deployment(
    in response: HTTPResponse, of call: KubernetesCall, version: String
  ) throws -> GraphDeployment {
    version == "v1alpha1"
      ? try decode(AlphaDeployment.self, from: response, of: call).deployment
      : try decode(BetaDeployment.self, from: response, of: call).deployment
  }
}

/// What both versions have in common. Only the fields that are used are read.
private struct DeploymentMetadata: Decodable {
  var name: String
  var uid: String?
  var resourceVersion: String
  var generation: Int?
  var deletionTimestamp: String?
}

private struct DeploymentStatusFields: Decodable {
  struct Condition: Decodable {
    var type: String
    var status: String
    var reason: String?
    var message: String?
  }
  struct Phase: Decodable {
    var phase: String?
  }

  var observedGeneration: Int?
  var conditions: [Condition]?
  var rollingUpdate: Phase?
  var restart: Phase?
  var services: [String: GraphComponent.Status]?
  var components: [String: GraphComponent.Status]?
}

extension GraphDeployment {
  fileprivate init(
    version: String, _ metadata: DeploymentMetadata, _ status: DeploymentStatusFields?,
    components: [GraphComponent]
  ) {
    self.init(
      version: version, name: metadata.name, uid: metadata.uid,
      resourceVersion: metadata.resourceVersion, generation: metadata.generation,
      isBeingDeleted: metadata.deletionTimestamp != nil,
      observedGeneration: status?.observedGeneration,
      ready: status?.conditions?.first { $0.type == "Ready" }
        .map { Condition(status: $0.status, reason: $0.reason, message: $0.message) },
      rollingUpdatePhase: status?.rollingUpdate?.phase, restartPhase: status?.restart?.phase,
      components: components)
  }
}

/// `nvidia.com/v1alpha1`: services by name, roles in `subComponentType`.
private struct AlphaDeployment: Decodable {
  struct Spec: Decodable {
    var services: [String: Service]?
  }

  struct Service: Decodable {
    struct Resources: Decodable {
      struct Item: Decodable {
        var gpu: Quantity?
      }
      var claims: [Claim]?
      var limits: Item?
      var requests: Item?
    }
    struct Adapter: Decodable {
      var enabled: Bool?
    }
    struct PodSpec: Decodable {
      var mainContainer: PodContainer?
    }

    var componentType: String?
    var subComponentType: String?
    var replicas: Int?
    var scalingAdapter: Adapter?
    var multinode: Multinode?
    var resources: Resources?
    var extraPodSpec: PodSpec?
  }

  var metadata: DeploymentMetadata
  var spec: Spec
  var status: DeploymentStatusFields?

  var deployment: GraphDeployment {
    let services = (spec.services ?? [:]).sorted { $0.key < $1.key }
    return GraphDeployment(
      version: "v1alpha1", metadata, status,
      components: services.map { name, service in
        let container = service.extraPodSpec?.mainContainer
        let gpus =
          service.resources?.limits?.gpu ?? service.resources?.requests?.gpu ?? container?.gpus
        return GraphComponent(
          name: name, role: Self.role(service), statedReplicas: service.replicas,
          hasScalingAdapter: service.scalingAdapter?.enabled == true,
          statedGPUs: gpus?.times(service.multinode),
          uncountedDevices: Claim.names(service.resources?.claims)
            + (container?.uncountedDevices ?? []), arguments: container?.words ?? [],
          status: status?.services?[name])
      })
  }

  private static func role(_ service: Service) -> GraphComponent.Role {
    switch (service.componentType, service.subComponentType) {
    case (_, "prefill"?), ("prefill"?, _): .prefill
    case (_, "decode"?), ("decode"?, _): .decode
    case ("frontend"?, _): .frontend
    case ("worker"?, nil), ("worker"?, ""?): .worker
    case (let type, let subtype): .other(subtype ?? type)
    }
  }
}

/// `nvidia.com/v1beta1`: a list of components, roles in `type`.
private struct BetaDeployment: Decodable {
  struct Spec: Decodable {
    var components: [Component]?
  }

  struct Component: Decodable {
    struct Adapter: Decodable {}
    struct PodTemplate: Decodable {
      struct Spec: Decodable {
        var containers: [PodContainer]?
      }
      var spec: Spec?
    }

    var name: String
    var type: String?
    var replicas: Int?
    /// Its presence turns the adapter on; it has no fields.
    var scalingAdapter: Adapter?
    var multinode: Multinode?
    var podTemplate: PodTemplate?
  }

  var metadata: DeploymentMetadata
  var spec: Spec
  var status: DeploymentStatusFields?

  var deployment: GraphDeployment {
    GraphDeployment(
      version: "v1beta1", metadata, status,
      components: (spec.components ?? []).enumerated().map { index, component in
        let containers = component.podTemplate?.spec?.containers ?? []
        let main = containers.first { $0.name == "main" } ?? containers.first
        return GraphComponent(
          name: component.name, index: index, role: Self.role(component.type),
          statedReplicas: component.replicas,
          hasScalingAdapter: component.scalingAdapter != nil,
          statedGPUs: main?.gpus?.times(component.multinode),
          uncountedDevices: main?.uncountedDevices ?? [], arguments: main?.words ?? [],
          status: status?.components?[component.name])
      })
  }

  private static func role(_ type: String?) -> GraphComponent.Role {
    switch type {
    case "prefill"?: .prefill
    case "decode"?: .decode
    case "worker"?: .worker
    case "frontend"?: .frontend
    default: .other(type)
    }
  }
}

private struct Multinode: Decodable {
  /// The operator's default is 2.
  var nodeCount: Int?
}

extension Quantity {
  fileprivate func times(_ multinode: Multinode?) -> Int? {
    times(nodes: multinode.map { $0.nodeCount ?? 2 } ?? 1)
  }
}
