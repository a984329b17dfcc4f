/// Whom the API server takes this planner for.
public enum KubernetesUser {
  /// The account whose writes the Dynamo operator's webhook does not check: a planner that has it
  /// could change what belongs to a scaling adapter, and nobody would say so.
  ///
  /// Source: ai-dynamo/dynamo, the operator's constant `PlannerServiceAccountName`, which its
  /// webhook allows in any namespace.
  public static let uncheckedAccount = "planner-serviceaccount"

  /// The user's name: `system:serviceaccount:NAMESPACE:NAME` for a service account; nil where the
  /// server does not tell (Kubernetes before 1.28).
  ///
  /// - Throws: ``ConnectorError`` when the question itself can't be asked.
  ///
  /// Source: Kubernetes API reference, `authentication.k8s.io/v1` SelfSubjectReview, which every
  /// authenticated user may create.
  public static func name(seenBy api: KubernetesAPI) async throws -> String? {
    struct Review: Encodable {
      var apiVersion = "authentication.k8s.io/v1"
      var kind = "SelfSubjectReview"
    }
    struct Answer: Decodable {
      struct Status: Decodable {
        struct Info: Decodable {
          var username: String?
        }
        var userInfo: Info?
      }
      var status: Status?
    }
    let call = KubernetesCall(
      .create, path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      body: .json(try jsonBody(Review())))
    let response = try await api.send(call, accepting: [403, 404])
    guard (200..<300).contains(response.status) else { return nil }
    return try api.decode(Answer.self, from: response, of: call).status?.userInfo?.username
  }

  /// Whether a user is a service account called ``uncheckedAccount``, in whatever namespace.
  public static func isUnchecked(_ name: String) -> Bool {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "system" && parts[1] == "serviceaccount"
      && parts[3] == uncheckedAccount
  }
}
