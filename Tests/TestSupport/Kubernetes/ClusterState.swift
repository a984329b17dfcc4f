import Foundation

/// The objects of a ``StandInCluster`` and what it does with a request.
public struct ClusterState: Sendable {
  struct PendingFault {
    var method: String
    var suffix: String
    var times: Int
    var fault: StandInCluster.Fault
  }

  /// The version of the Dynamo resources that is served.
  public var version: String
  /// The only namespace.
  public let namespace: String
  /// Objects by path.
  public var objects: [String: JSON] = [:]
  /// Bearer tokens that are accepted; empty where the client's certificate suffices.
  public var tokens: Set<String> = ["secret-token-1"]
  /// What is not allowed, as `verb resource`, for example `patch dynamographdeployments`.
  public var forbidden: Set<String> = []
  /// The Role that the client has, as RBAC knows it; nil where everything is allowed.
  public var role: JSON?
  /// So many requests are still answered by a server that has just started and knows no roles yet.
  public var coldRequests = 0
  /// Whether the server takes requests and never answers, as one that is stopped or out of memory.
  public var isFrozen = false
  /// What an admission webhook has against writes, by the object's name.
  public var denials: [String: String] = [:]
  /// Whom a client is taken for; nil for a server that is too old to tell.
  public var userName: String? = "system:serviceaccount:serving:sla-planner"
  /// Whether the adapters' custom resource is installed.
  public var hasAdapters = true
  /// Kinds besides Dynamo's; those of a usual cluster with workloads have to be asked for.
  public var served: [ServedKind] = []
  /// The numbers that were written through `scale`.
  public var scaleWrites: [ScaleWrite] = []
  /// Whether one request tells all groups (Kubernetes 1.27 and later).
  public var answersForAllGroups = true
  var faults: [PendingFault] = []
  /// No two objects share a version, also not one that was made anew.
  var addedObjects = 0
  private var revision = 500_000

  /// Creates an empty cluster.
  public init(version: String, namespace: String) {
    self.version = version
    self.namespace = namespace
  }

  private var dynamoRoot: String { "/apis/nvidia.com/\(version)" }

  /// The path of a DynamoGraphDeployment.
  public func deploymentPath(_ name: String) -> String {
    "\(dynamoRoot)/namespaces/\(namespace)/dynamographdeployments/\(name)"
  }

  /// The path of a scaling adapter.
  public func adapterPath(_ name: String) -> String {
    "\(dynamoRoot)/namespaces/\(namespace)/dynamographdeploymentscalingadapters/\(name)"
  }

  /// The path of a Lease.
  public func leasePath(_ name: String) -> String {
    "/apis/coordination.k8s.io/v1/namespaces/\(namespace)/leases/\(name)"
  }

  /// Puts a deployment there, with an adapter for each component that has one turned on.
  public mutating func add(deployment: JSON) {
    guard let name = deployment[path: "metadata/name"]?.string else { return }
    objects[deploymentPath(name)] = deployment
    for (component, replicas) in componentsWithAdapter(deployment) {
      let adapter = "\(name)-\(component.lowercased())"
      objects[adapterPath(adapter)] = [
        "apiVersion": .string("nvidia.com/\(version)"),
        "kind": "DynamoGraphDeploymentScalingAdapter",
        "metadata": [
          "name": .string(adapter), "namespace": .string(namespace), "resourceVersion": "481400",
          "generation": 1,
        ],
        "spec": ["replicas": .number(Double(replicas))],
        "status": ["replicas": .number(Double(replicas)), "selector": "app=x"],
      ]
    }
  }

  /// An object by the end of its path.
  public func object(endingWith suffix: String) -> JSON? {
    objects.first { $0.key.hasSuffix(suffix) }?.value
  }

  /// Changes an object as another client would: its resource version changes too, and its
  /// generation if the spec did.
  public mutating func change(_ path: String, _ body: (inout JSON) -> Void) {
    guard let old = objects[path] else { return }
    var new = old
    body(&new)
    objects[path] = stamped(new, replacing: old)
  }

  // MARK: Requests

  /// Carries a request out, as the server does.
  public mutating func handle(_ request: StandInServer.Request) -> StandInServer.Answer {
    if isFrozen { return .silence }
    let index = faults.firstIndex {
      $0.method == request.method && request.path.hasSuffix($0.suffix)
    }
    guard let index else { return answer(to: request) }
    let fault = faults[index].fault
    faults[index].times -= 1
    if faults[index].times == 0 { faults.remove(at: index) }
    switch fault {
    case .answer(let answer): return answer
    case .afterwards(let answer):
      _ = self.answer(to: request)
      return answer
    case .interference(let interfere):
      interfere(&self)
      return self.answer(to: request)
    }
  }

  private mutating func answer(to request: StandInServer.Request) -> StandInServer.Answer {
    let token = request.header("Authorization")?.dropFirst("Bearer ".count)
    guard tokens.isEmpty || token.map({ tokens.contains(String($0)) }) == true else {
      return .refusal(401, "Unauthorized", "Unauthorized")
    }
    if request.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" {
      return review(request)
    }
    if request.path == "/apis/authentication.k8s.io/v1/selfsubjectreviews", let userName {
      let answer: JSON = ["status": ["userInfo": ["username": .string(userName)]]]
      return .json(answer.text, status: 201)
    }
    if request.path == dynamoRoot { return .json(resourceList.text) }
    if let discovery = discovery(request) { return discovery }
    guard let target = Target(request.path, state: self) else {
      return .text("404 page not found\n", status: 404, headers: [("Content-Type", "text/plain")])
    }
    let verb = target.verb(of: request.method)
    guard authorizes(verb, target) else { return target.forbidden(verb) }
    if let denial = denial(verb, target) { return denial }
    switch verb {
    case "get": return target.subresource == "scale" ? scale(target) : read(target)
    case "list": return list(target)
    case "create": return create(target, request)
    case "update": return update(target, request)
    case "patch": return patch(target, request)
    default: return .refusal(405, "MethodNotAllowed", "the server does not allow this method")
    }
  }

  private var resourceList: JSON {
    var names = ["dynamographdeployments", "dynamographdeployments/status"]
    if hasAdapters {
      names += [
        "dynamographdeploymentscalingadapters", "dynamographdeploymentscalingadapters/scale",
      ]
    }
    return [
      "kind": "APIResourceList", "groupVersion": .string("nvidia.com/\(version)"),
      "resources": .array(names.map { ["name": .string($0), "namespaced": true] }),
    ]
  }

  private func read(_ target: Target) -> StandInServer.Answer {
    objects[target.objectPath].map { .json($0.text) } ?? target.notFound()
  }

  private func list(_ target: Target) -> StandInServer.Answer {
    let items = objects.filter { $0.key.hasPrefix(target.objectPath + "/") }
    return .json(
      JSON.object([
        "kind": "List", "apiVersion": "v1",
        "items": .array(items.sorted { $0.key < $1.key }.map(\.value)),
      ]).text)
  }

  private mutating func create(
    _ target: Target, _ request: StandInServer.Request
  ) -> StandInServer.Answer {
    guard var object = try? JSON(request.text), let name = object[path: "metadata/name"]?.string,
      target.plural == "events"
    else { return .refusal(400, "BadRequest", "the object provided is unrecognized") }
    guard object[path: "involvedObject/namespace"]?.string == namespace else {
      return .refusal(
        422, "Invalid", "Event \"\(name)\" is invalid: involvedObject.namespace: Invalid value")
    }
    let path = "\(target.objectPath)/\(name)"
    guard objects[path] == nil else {
      return .refusal(409, "AlreadyExists", "events \"\(name)\" already exists", name: name)
    }
    revision += 1
    object[path: "metadata/resourceVersion"] = .string("\(revision)")
    objects[path] = object
    return .json(object.text, status: 201)
  }

  private mutating func update(
    _ target: Target, _ request: StandInServer.Request
  ) -> StandInServer.Answer {
    guard let old = objects[target.objectPath] else { return target.notFound() }
    guard let new = try? JSON(request.text) else {
      return .refusal(400, "BadRequest", "the object provided is unrecognized")
    }
    guard let version = new[path: "metadata/resourceVersion"]?.string, !version.isEmpty else {
      return .refusal(
        422, "Invalid",
        "\(target.plural) \"\(target.name)\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"
      )
    }
    guard version == old[path: "metadata/resourceVersion"]?.string else {
      return target.modified()
    }
    for field in ["renewTime", "acquireTime"] {
      // The server's MicroTime takes exactly six digits of a second.
      if let time = new[path: "spec/\(field)"]?.string,
        time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) == nil
      {
        return .refusal(400, "BadRequest", "parsing time \"\(time)\"")
      }
    }
    let stored = stamped(new, replacing: old)
    objects[target.objectPath] = stored
    return .json(stored.text)
  }

  private func review(_ request: StandInServer.Request) -> StandInServer.Answer {
    guard let review = try? JSON(request.text),
      let verb = review[path: "spec/resourceAttributes/verb"]?.string,
      let plural = review[path: "spec/resourceAttributes/resource"]?.string
    else { return .refusal(400, "BadRequest", "the object provided is unrecognized") }
    let subresource = review[path: "spec/resourceAttributes/subresource"]?.string
    let resource = plural + (subresource.map { "/" + $0 } ?? "")
    var answer = review
    let attributes = review[path: "spec/resourceAttributes"]
    let isAllowed = isAllowed(
      verb, group: attributes?["group"]?.string ?? "", resource: resource,
      name: attributes?["name"]?.string)
    answer["status"] = ["allowed": .bool(isAllowed)]
    return .json(answer.text, status: 201)
  }

  // MARK: Patches

  private mutating func patch(
    _ target: Target, _ request: StandInServer.Request
  ) -> StandInServer.Answer {
    guard let old = objects[target.objectPath] else { return target.notFound() }
    let before = target.subresource == "scale" ? scaleView(old, target.kind) : old
    guard let patch = try? JSON(request.text) else {
      return .refusal(400, "BadRequest", "error decoding patch: invalid JSON")
    }
    var after: JSON
    switch request.header("Content-Type") {
    case "application/merge-patch+json"?: after = before.merging(patch)
    case "application/json-patch+json"?:
      guard let result = try? before.applying(patch) else {
        return .refusal(
          422, "Invalid", "the server rejected our request due to an error in our request")
      }
      after = result
    default:
      return .refusal(
        415, "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
      )
    }
    guard
      after[path: "metadata/resourceVersion"] == before[path: "metadata/resourceVersion"]
    else { return target.modified() }
    if target.subresource == "scale" {
      guard let replicas = after[path: "spec/replicas"]?.int, replicas >= 0 else {
        return .refusal(422, "Invalid", "spec.replicas: Invalid value: must be at least 0")
      }
      if let kind = target.kind {
        let before = kind.replicasPath.flatMap { old[path: $0]?.int } ?? 1
        after = scaled(old, to: replicas, kind, by: Self.manager(request))
        // The same number by the same hand is no change.
        if replicas == before { after = old }
        scaleWrites.append(
          ScaleWrite(
            name: target.name, from: before, to: replicas, by: Self.manager(request),
            isOwned: hasAutoscaler(of: target.name, kind)))
      } else {
        var adapter = old
        adapter[path: "spec/replicas"] = .number(Double(replicas))
        after = adapter
      }
    } else if let refusal = admission(of: after, replacing: old) {
      return refusal
    }
    let stored = stamped(after, replacing: old)
    objects[target.objectPath] = stored
    return .json((target.subresource == "scale" ? scaleView(stored, target.kind) : stored).text)
  }

  /// The operator's webhook: replicas that an adapter owns can't be changed directly.
  private func admission(of new: JSON, replacing old: JSON) -> StandInServer.Answer? {
    for (index, (name, component)) in components(new).enumerated() {
      if let replicas = component["replicas"], replicas.int.map({ $0 >= 0 }) != true {
        return .refusal(422, "Invalid", "spec.replicas: Invalid value")
      }
      let before = components(old).first { $0.0 == name }?.1
      if hasAdapter(component), before?["replicas"] != component["replicas"] {
        return .refusal(
          422, "Invalid",
          "admission webhook denied the request: spec.components[\(index)].replicas: Forbidden: cannot be modified directly when scaling adapter is enabled; scale or update the related DynamoGraphDeploymentScalingAdapter instead"
        )
      }
    }
    return nil
  }

  private func components(_ deployment: JSON) -> [(String, JSON)] {
    if case .object(let services)? = deployment[path: "spec/services"] {
      return services.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    return (deployment[path: "spec/components"]?.elements ?? []).map {
      ($0["name"]?.string ?? "", $0)
    }
  }

  private func hasAdapter(_ component: JSON) -> Bool {
    guard let adapter = component["scalingAdapter"] else { return false }
    return version == "v1beta1" || adapter["enabled"]?.bool == true
  }

  private func componentsWithAdapter(_ deployment: JSON) -> [(String, Int)] {
    components(deployment).filter { hasAdapter($0.1) }
      .map { ($0.0, $0.1["replicas"]?.int ?? 1) }
  }

  private func scale(_ target: Target) -> StandInServer.Answer {
    objects[target.objectPath].map { .json(scaleView($0, target.kind).text) } ?? target.notFound()
  }

  /// The `autoscaling/v1` view of an adapter or a workload; it leaves a number of 0 out.
  private func scaleView(_ object: JSON, _ kind: ServedKind?) -> JSON {
    var status: JSON = ["replicas": object[path: "status/replicas"] ?? 0]
    status["selector"] = object[path: kind?.selectorPath ?? "status/selector"]
    let replicas = object[path: kind?.replicasPath ?? "spec/replicas"] ?? (kind == nil ? 0 : 1)
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1",
      "metadata": [
        "name": object[path: "metadata/name"] ?? .null, "namespace": .string(namespace),
        "resourceVersion": object[path: "metadata/resourceVersion"] ?? .null,
        "uid": object[path: "metadata/uid"] ?? .null,
      ],
      "spec": replicas == 0 ? [:] : ["replicas": replicas],
      "status": status,
    ]
  }

  /// The object with its new resource version and generation; the old one if nothing changed.
  private mutating func stamped(_ new: JSON, replacing old: JSON) -> JSON {
    guard new != old else { return old }
    revision += 1
    var object = new
    object[path: "metadata/resourceVersion"] = .string("\(revision)")
    if new["spec"] != old["spec"], let generation = old[path: "metadata/generation"]?.int {
      object[path: "metadata/generation"] = .number(Double(generation + 1))
    }
    return object
  }
}
