import Invocation

extension KubernetesAPI {
  /// Makes sure that every one of `calls` would be allowed.
  ///
  /// - Throws: ``ConnectorError/permissionDenied(_:)`` for the first that would not. Where the question
  ///   can't be asked, the answer is left to the calls themselves.
  func requireRights(for calls: [KubernetesCall]) async throws {
    for permission in calls.compactMap(\.permission) {
      var pauses = denialPauses
      while try await permission.isGranted(by: self, unlessUnknown: true) == false {
        guard let pause = pauses.popFirst() else {
          throw ConnectorError.permissionDenied(permission.remedy + ". Nothing was changed.")
        }
        try await waitBeforeRetry(pause)
      }
    }
  }
}

extension KubernetesPermission {
  /// As ``isGranted(by:)``, with true where the question can't be asked.
  fileprivate func isGranted(by api: KubernetesAPI, unlessUnknown: Bool) async throws -> Bool {
    do {
      return try await isGranted(by: api)
    } catch ConnectorError.unreachable(let message) {
      throw ConnectorError.unreachable(message)
    } catch {
      return unlessUnknown
    }
  }

  /// Asks the cluster whether the planner has this permission.
  ///
  /// - Throws: ``ConnectorError`` when the question itself can't be asked.
  ///
  /// Source: Kubernetes API reference, `authorization.k8s.io/v1` SelfSubjectAccessReview, which
  /// every authenticated user may create.
  public func isGranted(by api: KubernetesAPI) async throws -> Bool {
    struct Review: Encodable {
      struct Spec: Encodable {
        var resourceAttributes: [String: String]
      }
      var apiVersion = "authorization.k8s.io/v1"
      var kind = "SelfSubjectAccessReview"
      var spec: Spec
    }
    struct Answer: Decodable {
      struct Status: Decodable {
        var allowed: Bool?
      }
      var status: Status?
    }
    var attributes = [
      "verb": verb, "group": group, "resource": resource, "namespace": namespace,
    ]
    attributes["subresource"] = subresource
    attributes["name"] = name
    let review = Review(spec: .init(resourceAttributes: attributes))
    var call = KubernetesCall(
      .create, path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: .json(try jsonBody(review)))
    call.isBestEffort = true
    return try await api.send(call, answering: Answer.self).status?.allowed ?? false
  }
}
