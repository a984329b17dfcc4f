import HTTPTransport
import Invocation

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The `Status` object with which an API server refuses a request.
struct KubernetesRefusal: Decodable {
  struct Details: Decodable {
    var name: String?
  }

  var kind: String?
  var message: String?
  var reason: String?
  var details: Details?

  init?(_ response: HTTPResponse) {
    guard let status = try? JSONDecoder().decode(Self.self, from: Data(response.body)),
      status.kind == "Status"
    else { return nil }
    self = status
  }
}

extension KubernetesAPI {
  /// What a refused request means for the user.
  nonisolated func refusal(_ call: KubernetesCall, _ response: HTTPResponse) -> ConnectorError {
    let request = describe(call)
    let said =
      KubernetesRefusal(response)?.message
      ?? response.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let message = said.isEmpty ? "it gave no reason" : String(said.prefix(500))
    switch response.status {
    case 401:
      return .permissionDenied(
        "The API server does not accept the planner's credentials (401 to \(request)): \(message). Check the service account's token, or the user in the kubeconfig."
      )
    case 403 where isAboutPermissions(message, call):
      guard let permission = call.permission else {
        return .permissionDenied(
          "The cluster does not allow the planner \(request), which every authenticated user may by default (ClusterRole system:discovery). The API server says: \(message)."
        )
      }
      return .permissionDenied("\(permission.remedy). The API server says: \(message).")
    case 400, 403, 404, 405, 415, 422:
      return .misconfigured(
        "The API server refuses \(request) with \(response.status): \(message).")
    case 409:
      return .conflict("The API server refuses \(request) with 409: \(message).")
    default:
      return .unreachable(
        "The API server answered \(request) with \(response.status): \(message). Try again later.")
    }
  }

  /// Whether a 403 comes from authorization; admission webhooks and quotas answer 403 as well.
  private nonisolated func isAboutPermissions(_ message: String, _ call: KubernetesCall) -> Bool {
    if message.contains("admission webhook") || message.contains("exceeded quota") { return false }
    return call.permission == nil || message.contains("cannot ") || !message.contains("denied")
  }
}
