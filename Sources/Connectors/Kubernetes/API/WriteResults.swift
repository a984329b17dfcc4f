import Invocation
import Planning

/// What came of writing several components side by side.
struct WriteResults: Sendable {
  private var results: [Component: Result<Void, ConnectorError>] = [:]

  /// Runs the writes side by side; each settles the components that it is about.
  init(_ writes: [([Component], @Sendable () async throws -> Void)]) async {
    results = await withTaskGroup(of: ([Component], Result<Void, ConnectorError>).self) { group in
      for (components, write) in writes {
        group.addTask { (components, await Self.result(write)) }
      }
      var results: [Component: Result<Void, ConnectorError>] = [:]
      for await (components, result) in group {
        for component in components { results[component] = result }
      }
      return results
    }
  }

  /// What was confirmed of `components`.
  ///
  /// - Throws: when nothing was, the error that the user can do most about.
  func outcome(of components: [Component]) throws -> ScalingOutcome {
    var outcome = ScalingOutcome(applied: [])
    for component in components {
      switch results[component] {
      case .success?: outcome.applied.append(component)
      case .failure(let error)?: outcome.failed[component] = error.description
      case nil: outcome.failed[component] = "It was not tried."
      }
    }
    guard !outcome.applied.isEmpty else { throw worst(of: components) }
    return outcome
  }

  private static func result(
    _ work: @Sendable () async throws -> Void
  ) async -> Result<Void, ConnectorError> {
    do {
      try await work()
      return .success(())
    } catch let error as ConnectorError {
      return .failure(error)
    } catch {
      return .failure(.unreachable("\(error)"))
    }
  }

  /// The error to report when nothing was changed: what the user can mend comes first.
  private func worst(of components: [Component]) -> ConnectorError {
    let errors = components.compactMap { component -> ConnectorError? in
      if case .failure(let error)? = results[component] { error } else { nil }
    }
    func rank(_ error: ConnectorError) -> Int {
      switch error {
      case .permissionDenied: 0
      case .misconfigured: 1
      case .unreachable: 2
      case .conflict: 3
      }
    }
    return errors.min { rank($0) < rank($1) } ?? .unreachable("Nothing was tried.")
  }
}

extension ConnectorError {
  /// The count that an order rests on is another one by now.
  static func countChanged(_ name: String) -> ConnectorError {
    .conflict(
      "'\(name)' no longer has the number of replicas that the decision was made on; nothing was changed. The next invocation decides again."
    )
  }
}
