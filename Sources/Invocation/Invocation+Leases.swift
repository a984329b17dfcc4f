import Planning

extension Invocation {
  /// Runs `body` while the state's lease and the deployment's own, if it has one, are held; both are
  /// given back however it ends.
  func holdingLeases(
    at time: Double, _ body: (StoredState) async throws -> DecisionDocument
  ) async throws -> DecisionDocument {
    let stored = try ports.store.begin(
      owner: settings.owner, now: ports.wallClock(), leaseSeconds: settings.leaseSeconds)
    ports.counter?.begin(from: stored.parts[.metrics])
    do {
      return try await holdingDeploymentLease {
        try ports.leaseTaken()
        return try await body(stored)
      }
    } catch {
      // The lease runs out by itself should this fail too; the first error is the one to report.
      giveUp(error, at: time)
      throw error
    }
  }

  /// Gives the lease in the state back, without a decision.
  private func giveUp(_ error: any Error, at time: Double) {
    let counted = ports.countedFailure(error)
    do {
      if counted.isEmpty { return try ports.store.end(owner: settings.owner) }
      _ = try ports.store.save(
        LearnedStep(parts: counted, now: pruningTime(at: time), endsLease: true))
    } catch {
      try? ports.store.end(owner: settings.owner)
    }
  }

  private func holdingDeploymentLease(
    _ body: () async throws -> DecisionDocument
  ) async throws -> DecisionDocument {
    guard let lease = ports.lease else { return try await body() }
    do {
      try await lease.acquire(at: ports.wallClock())
    } catch {
      guard Task.isCancelled else { throw error }
      // Stopped in the middle of it, it may be held all the same.
      await giveBack(lease)
      throw CancellationError()
    }
    do {
      let document = try await body()
      await giveBack(lease)
      return document
    } catch {
      await giveBack(lease)
      throw error
    }
  }

  /// Gives the deployment's lease back, also when the invocation is being stopped.
  private func giveBack(_ lease: any DeploymentLease) async {
    if case .failure(let error) = await Task(operation: { try await lease.release() }).result {
      logger.warning("The deployment's lease runs out by itself; giving it back failed: \(error)")
    }
  }
}
