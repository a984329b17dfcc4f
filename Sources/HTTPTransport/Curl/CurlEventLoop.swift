import CCurl
import Glibc
import Synchronization

/// One thread that carries all transfers through libcurl's multi interface.
///
/// The thread starts with the first transfer, sleeps in `curl_multi_poll` while there is nothing
/// to do, and ends with ``stop()``. Other threads only touch the lock-protected ``state`` and
/// wake the thread.
final class CurlEventLoop: Sendable {
  /// A multi handle that other threads may hold, because all they call is `curl_multi_wakeup`,
  /// which libcurl allows from any thread.
  private struct WakeableMulti: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
  }

  /// Why no more transfers are taken.
  private enum End { case stopped, broken }

  private struct State {
    var thread: pthread_t?
    var end: End?
    var waiting: [TransferOrder] = []
    var multi: WakeableMulti?
  }

  private let state = Mutex(State())

  /// Carries out `plan` and returns when it is over, or at once when the task is cancelled.
  func run(_ plan: TransferPlan) async -> TransferResult {
    let cancellation = Cancellation()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        submit(TransferOrder(plan: plan, cancellation: cancellation, continuation: continuation))
      }
    } onCancel: {
      cancellation.request()
      state.withLock { Self.wake(&$0) }
    }
  }

  /// Starts the thread if it doesn't run yet.
  func start() {
    state.withLock { state in
      guard state.thread == nil, state.end == nil else { return }
      state.thread = startThread()
      if state.thread == nil { state.end = .broken }
    }
  }

  /// Ends all transfers and the thread, and waits for the thread, which never blocks for long.
  func stop() {
    let thread = state.withLock { state in
      state.end = state.end ?? .stopped
      Self.wake(&state)
      return state.thread.take()
    }
    if let thread { pthread_join(thread, nil) }
  }

  private func submit(_ order: TransferOrder) {
    start()
    let end = state.withLock { state in
      if state.end == nil {
        state.waiting.append(order)
        Self.wake(&state)
      }
      return state.end
    }
    if let end { Self.refuse(order, end) }
  }

  private static func refuse(_ order: TransferOrder, _ end: End) {
    switch end {
    case .stopped: order.cancel()
    case .broken: order.fail("libcurl can't be started on this machine")
    }
  }

  private static func wake(_ state: inout State) {
    if let multi = state.multi { curl_multi_wakeup(multi.handle) }
  }

  /// Starts the thread with every signal blocked: signals are the main thread's business, and a
  /// write to a connection that the other side closed must not end the process (SIGPIPE).
  private func startThread() -> pthread_t? {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let own = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { own in
        guard let own else { return nil }
        Unmanaged<CurlEventLoop>.fromOpaque(own).takeRetainedValue().carry()
        return nil
      }, own.toOpaque())
    guard status == 0 else {
      own.release()
      return nil
    }
    return thread
  }
}

// The thread's own part.
extension CurlEventLoop {
  /// libcurl's global state, made once and kept for the life of the process.
  private static let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private func carry() {
    guard Self.isCurlReady, let multi = curl_multi_init() else {
      refuseWaiting(.broken)
      return
    }
    // Keep every connection: by default libcurl keeps fewer the fewer transfers are going on.
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64)
    state.withLock { $0.multi = WakeableMulti(handle: multi) }
    var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    while let orders = takeOrders() {
      for order in orders { begin(order, on: multi, &active) }
      dropCancelled(from: multi, &active)
      var running: Int32 = 0
      guard curl_multi_perform(multi, &running) == CURLM_OK else { break }
      finish(on: multi, &active)
      guard curl_multi_poll(multi, nil, 0, Int32.max, nil) == CURLM_OK else { break }
    }
    let end = refuseWaiting(.broken)
    for transfer in active.values {
      curl_multi_remove_handle(multi, transfer.easy)
      Self.refuse(transfer.order, end)
    }
    active = [:]
    curl_multi_cleanup(multi)
  }

  /// The orders that came in since; nil when the loop shall end.
  private func takeOrders() -> [TransferOrder]? {
    state.withLock { state in
      guard state.end == nil else { return nil }
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  private func begin(
    _ order: TransferOrder, on multi: UnsafeMutableRawPointer,
    _ active: inout [UnsafeMutableRawPointer: CurlTransfer]
  ) {
    guard let transfer = CurlTransfer(order),
      curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
    else {
      return order.fail("libcurl can't prepare the transfer")
    }
    active[transfer.easy] = transfer
  }

  private func dropCancelled(
    from multi: UnsafeMutableRawPointer,
    _ active: inout [UnsafeMutableRawPointer: CurlTransfer]
  ) {
    for (easy, transfer) in active where transfer.order.cancellation.isRequested {
      curl_multi_remove_handle(multi, easy)
      active[easy] = nil
      transfer.order.cancel()
    }
  }

  private func finish(
    on multi: UnsafeMutableRawPointer, _ active: inout [UnsafeMutableRawPointer: CurlTransfer]
  ) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left)?.pointee {
      guard message.msg == CURLMSG_DONE, let easy = message.easy_handle,
        let transfer = active.removeValue(forKey: easy)
      else { continue }
      curl_multi_remove_handle(multi, easy)
      transfer.order.continuation.resume(returning: transfer.result(message.data.result))
    }
  }

  /// Takes no more orders and ends the wait of those that came too late.
  ///
  /// - Returns: why: `otherwise`, unless the loop was stopped.
  @discardableResult private func refuseWaiting(_ otherwise: End) -> End {
    let (late, end) = state.withLock { state in
      let end = state.end ?? otherwise
      state.end = end
      state.multi = nil
      defer { state.waiting = [] }
      return (state.waiting, end)
    }
    for order in late { Self.refuse(order, end) }
    return end
  }
}
