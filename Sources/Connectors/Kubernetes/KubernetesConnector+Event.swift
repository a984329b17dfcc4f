import Invocation

extension KubernetesConnector {
  /// Records a change as an Event on the deployment; returns a warning when that fails, because
  /// the change itself is done.
  ///
  /// The name consists of the deployment, the decision's time (so client-go names events) and the
  /// components, so that sending it twice records it once.
  func record(
    _ changes: [Change], of deployment: GraphDeployment, _ order: ScalingOrder
  ) async -> String? {
    let what = changes.map {
      "\($0.component.name) \($0.component.replicas) → \($0.target)"
    }.joined(separator: ", ")
    let kinds = changes.map(\.kind.rawValue).joined(separator: "-")
    let namespace = api.access.namespace
    let time = KubernetesTime.seconds(order.time)
    let microseconds = UInt64(min(max(order.time, 0), 1e12) * 1e6)
    let event = Event(
      metadata: .init(
        name: "\(deployment.name).\(String(microseconds, radix: 16)).\(kinds)",
        namespace: namespace),
      involvedObject: .init(
        apiVersion: "nvidia.com/\(deployment.version)", name: deployment.name,
        namespace: namespace, uid: deployment.uid, resourceVersion: deployment.resourceVersion),
      message: Self.shortened("\(what): \(order.explanation)"),
      reportingInstance: settings.instance, firstTimestamp: time, lastTimestamp: time)
    do {
      let call = KubernetesCall(
        .create, .events, namespace: namespace, body: .json(try jsonBody(event)))
      _ = try await api.send(call, accepting: [409])
      return nil
    } catch {
      return "The change was made, but no Event could be recorded for it: \(error)"
    }
  }

  /// At most 1024 bytes, the most that the API server takes.
  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > 1024 else { return text }
    var short = ""
    for character in text {
      guard short.utf8.count + character.utf8.count <= 1021 else { break }
      short.append(character)
    }
    return short + "…"
  }
}

/// A core/v1 Event.
private struct Event: Encodable {
  struct Metadata: Encodable {
    var name: String
    var namespace: String
  }
  struct Reference: Encodable {
    var apiVersion: String
    var kind = "DynamoGraphDeployment"
    var name: String
    var namespace: String
    var uid: String?
    var resourceVersion: String
  }
  struct Source: Encodable {
    var component = "sla-planner"
  }

  var apiVersion = "v1"
  var kind = "Event"
  var metadata: Metadata
  var involvedObject: Reference
  var type = "Normal"
  var reason = "Scaled"
  var action = "Scale"
  var message: String
  var source = Source()
  var reportingComponent = "sla-planner"
  var reportingInstance: String
  var firstTimestamp: String
  var lastTimestamp: String
  var count = 1
}
