import Synchronization

/// What an exchange came to.
typealias TransferResult = Result<HTTPResponse, TransferFailure>

/// Why an exchange gave no answer.
struct TransferFailure: Error {
  let error: HTTPError
  /// Whether the same request may succeed a moment later.
  let isTransient: Bool
}

/// A plan on its way to the event loop, and the task that waits for the result.
struct TransferOrder: Sendable {
  let plan: TransferPlan
  let cancellation: Cancellation
  let continuation: CheckedContinuation<TransferResult, Never>

  /// Ends the wait of a request that is not wanted any more.
  func cancel() { end(.cancelled(request: plan.shown)) }

  /// Ends the wait of a request that can't be carried out.
  func fail(_ reason: String) { end(.failed(request: plan.shown, reason: reason)) }

  private func end(_ error: HTTPError) {
    continuation.resume(returning: .failure(TransferFailure(error: error, isTransient: false)))
  }
}

/// Says whether a transfer is still wanted; set by any thread, read by the event loop.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  var isRequested: Bool { flag.load(ordering: .acquiring) }

  func request() { flag.store(true, ordering: .releasing) }
}
