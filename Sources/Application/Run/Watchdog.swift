import Glibc
import Invocation
import Presentation

/// Ends the process when a round has not ended shortly after its deadline, whatever it waits for: a
/// plugin, a pipe in the place of a file, a disk that doesn't answer, a machine without a free
/// thread.
///
/// Requests and waits keep the deadline by themselves, and an invocation may be killed after any
/// instruction; this is for what nobody thought of. The alarm is a signal, because a timer of a
/// thread pool would need a thread to ring.
package enum Watchdog {
  /// Seconds after the deadline in which the deployment's Lease may still be given back: else it
  /// keeps the next runs away until it has run out. With the half second after it no run is later
  /// than its deadline by two.
  static let releaseSeconds = 1.0
  /// Seconds that a round has after its deadline, in which what keeps the deadline by itself ends.
  private static let graceSeconds = releaseSeconds + 0.5

  /// Starts, or starts anew with another deadline counted from when the process began.
  package static func watchProcess(deadlineSeconds: Double) {
    watch(deadlineSeconds, from: processStart)
  }

  /// Watches a round that begins now.
  static func watchRound(deadlineSeconds: Double) {
    watch(deadlineSeconds, from: .now)
  }

  /// Stops watching, between two rounds.
  static func rest() {
    var none = itimerval()
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &none, nil)
  }

  private static let processStart = ContinuousClock.now

  private static func watch(_ deadlineSeconds: Double, from start: ContinuousClock.Instant) {
    guard deadlineSeconds.isFinite else { return }
    setMessage(
      "Error: The run has not ended within its deadline of \(Numbers.short(deadlineSeconds, 1)) s and was "
        + "given up; what it had saved stays. Something it waits for keeps no time (a plugin, a "
        + "pipe or device in the place of a file, a disk): 'sla-planner validate' tells which.\n")
    signal(SIGALRM) { _ in
      let text = alarmMessage
      _ = write(STDERR_FILENO, text.baseAddress, text.count)
      _exit(alarmExitCode)
    }
    let end = min(deadlineSeconds, 1e6) + graceSeconds
    let left = max(0.001, end - (ContinuousClock.now - start) / .seconds(1))
    var timer = itimerval()
    timer.it_value.tv_sec = Int(left)
    timer.it_value.tv_usec = Int((left - left.rounded(.down)) * 1e6)
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
  }

  private static func setMessage(_ text: String) {
    let bytes = Array(text.utf8)
    // Never freed: the handler may be reading it.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    alarmMessage = UnsafeRawBufferPointer(copy)
  }
}

/// What the handler writes. Set before the timer, and a signal handler may do little more than read
/// memory that lies ready.
private nonisolated(unsafe) var alarmMessage = UnsafeRawBufferPointer(start: nil, count: 0)
private let alarmExitCode: Int32 = 69
