import Invocation
import Planning

/// A core/v1 Event on one object.
struct KubernetesEvent: Encodable {
  struct Metadata: Encodable {
    var name: String
    var namespace: String
  }
  struct Reference: Encodable {
    var apiVersion: String
    var kind: String
    var name: String
    var namespace: String
    var uid: String?
    var resourceVersion: String?
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

  /// An event whose name consists of the object, a time (so client-go names events) and a word, so
  /// that sending it twice records it once.
  init(
    on object: Reference, at time: Double, _ word: String, message: String, instance: String,
    named nameTime: Double? = nil
  ) {
    let microseconds = UInt64(min(max(nameTime ?? time, 0), 1e12) * 1e6)
    metadata = Metadata(
      name: "\(object.name).\(String(microseconds, radix: 16)).\(word)",
      namespace: object.namespace)
    involvedObject = object
    self.message = Self.shortened(message)
    reportingInstance = instance
    firstTimestamp = KubernetesTime.seconds(time)
    lastTimestamp = firstTimestamp
  }

  /// The event of trouble: at most one in ten minutes of failures, one of each hold.
  init(on object: Reference, _ trouble: DeploymentTrouble, instance: String) {
    let since =
      switch trouble.kind {
      case .failed: (trouble.time / 600).rounded(.down) * 600
      case .held(let since): since.rounded(.down)
      }
    let word = trouble.kind == .failed ? "failed" : "held"
    self.init(
      on: object, at: trouble.time, word, message: trouble.sentence, instance: instance,
      named: since)
    type = "Warning"
    reason = trouble.kind == .failed ? "ScalingFailed" : "ScalingHeld"
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

extension KubernetesAPI {
  /// Records an event; one of its name that is there already is as good.
  func record(_ event: KubernetesEvent) async throws {
    var call = KubernetesCall(
      .create, .events, namespace: access.namespace, body: .json(try jsonBody(event)))
    call.isBestEffort = true
    _ = try await send(call, accepting: [409])
  }
}

extension ScalingOrder {
  /// What an Event says of `changes`: their sentences, which begin with the counts; else the counts
  /// and the order's sentence.
  func message(of changes: [(kind: Component, name: String, from: Int, to: Int)]) -> String {
    let sentences = changes.compactMap { explanations[$0.kind] }
    guard sentences.count < changes.count else { return sentences.joined(separator: " ") }
    let counts = changes.map { "\($0.name) \($0.from) → \($0.to)" }.joined(separator: ", ")
    return "\(counts): \(explanation)"
  }
}
