extension KubernetesPermission {
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
    let call = KubernetesCall(
      .create, path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: .json(try jsonBody(review)))
    return try await api.send(call, answering: Answer.self).status?.allowed ?? false
  }
}
