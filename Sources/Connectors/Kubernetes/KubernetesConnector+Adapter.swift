import HTTPTransport
import Invocation

extension KubernetesConnector {
  /// What the scaling adapters of `components` ask for, by adapter; those that can't be read are
  /// missing.
  ///
  /// One list tells all of them; without the right to list, or where a list is not what is answered,
  /// each one's scale is read.
  func readAdapters(of components: [GraphComponent]) async throws -> [String: Int] {
    let names = components.filter(\.hasScalingAdapter).map(adapterName)
    guard !names.isEmpty, let version = discovery?.adapterVersion else { return [:] }
    var call = KubernetesCall(.list, .adapters(version), namespace: api.access.namespace)
    call.isBestEffort = true
    let response = try await api.send(call, accepting: [403, 404])
    guard response.status != 404 else { return [:] }
    guard response.status != 403,
      let list = try? api.decode(AdapterList.self, from: response, of: call)
    else { return try await readScales(names, version) }
    return Dictionary(
      list.items.compactMap { item in
        names.contains(item.metadata.name) ? (item.metadata.name, item.spec?.replicas ?? 0) : nil
      }, uniquingKeysWith: { $1 })
  }

  private func readScales(_ names: [String], _ version: String) async throws -> [String: Int] {
    var found: [String: Int] = [:]
    for name in names where Self.isName(name) {
      var call = scaleCall(.get, name, version)
      call.isBestEffort = true
      let response = try await api.send(call, accepting: [403, 404])
      guard response.status == 200 else { continue }
      let scale = try api.decode(ScaleDocument.self, from: response, of: call)
      if scale.kind == "Scale" { found[name] = scale.replicas }
    }
    return found
  }

  private struct AdapterList: Decodable {
    struct Item: Decodable {
      struct Metadata: Decodable {
        var name: String
      }
      var metadata: Metadata
      var spec: ScaleDocument.Spec?
    }
    var items: [Item]
  }

  /// Scales a component through its adapter, if that still asks for the number that the decision
  /// was made on. Its version would be no precondition to use: it changes with its status too.
  func scale(_ change: Change) async throws {
    let adapter = adapterName(of: change.component)
    guard Self.isName(adapter) else {
      throw ConnectorError.misconfigured(
        "'\(change.component.name)' can't have a scaling adapter: '\(adapter)' is no Kubernetes name. Rename the component."
      )
    }
    guard let version = discovery?.adapterVersion else {
      throw ConnectorError.misconfigured(
        "'\(change.component.name)' is scaled by an adapter, but the cluster serves no DynamoGraphDeploymentScalingAdapters. Update the Dynamo operator's CRDs."
      )
    }
    let get = scaleCall(.get, adapter, version)
    try await ScaleWriter(
      api: api, title: "The scaling adapter '\(adapter)'",
      patch: { [self] in scaleCall(.patch, adapter, version, body: $0) },
      read: { [api] in
        let response = try await api.send(get, accepting: [404])
        guard response.status != 404 else {
          throw ConnectorError.misconfigured(
            "The scaling adapter '\(adapter)' does not exist although '\(change.component.name)' has one turned on. Check that the Dynamo operator is running; until it creates the adapter nothing can scale this component."
          )
        }
        let scale = try api.decode(ScaleDocument.self, from: response, of: get)
        // Its version changes with its status; only a number of 0 has to be told by it.
        return ScaleWriter.Basis(
          replicas: scale.replicas,
          version: scale.replicas == 0 ? scale.metadata.resourceVersion : nil)
      }
    ).write(change.target, over: .init(replicas: change.component.replicas))
  }

  nonisolated func scaleCall(
    _ verb: KubernetesCall.Verb, _ adapter: String, _ version: String,
    body: KubernetesCall.Body? = nil
  ) -> KubernetesCall {
    KubernetesCall(
      verb, .adapters(version), namespace: api.access.namespace, name: adapter,
      subresource: "scale", body: body)
  }
}
