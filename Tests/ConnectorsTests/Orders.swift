import Invocation
import Planning
import Testing

/// An order made on `status`.
func order(
  _ targets: [Component: Int], on status: DeploymentStatus, at time: Double,
  explanation: String = "decided by a test"
) -> ScalingOrder {
  ScalingOrder(targets: targets, decidedOn: status, explanation: explanation, time: time)
}

/// The cases of ``ConnectorError`` without their messages.
enum Refusal: Sendable {
  case unreachable, permissionDenied, misconfigured, conflict

  init(_ error: ConnectorError) {
    switch error {
    case .unreachable: self = .unreachable
    case .permissionDenied: self = .permissionDenied
    case .misconfigured: self = .misconfigured
    case .conflict: self = .conflict
    }
  }
}

/// Expects `work` to throw a ``ConnectorError`` of one kind, and returns its message.
@discardableResult
func expectRefusal<Result>(
  _ expected: Refusal, isolation: isolated (any Actor)? = #isolation,
  sourceLocation: SourceLocation = #_sourceLocation, _ work: () async throws -> Result
) async -> String {
  do {
    let result = try await work()
    Issue.record("nothing was thrown; the result is \(result)", sourceLocation: sourceLocation)
    return ""
  } catch let error as ConnectorError {
    #expect(Refusal(error) == expected, "\(error)", sourceLocation: sourceLocation)
    return error.description
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
    return ""
  }
}
