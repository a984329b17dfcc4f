import Glibc
import Invocation

/// Ends a test build's process with SIGKILL after the step that `SLA_PLANNER_CRASH_AFTER` names, so
/// that crash tests can prove that nothing depends on what comes later. Release builds have no such
/// thing.
enum CrashPoint {
  static let stepDone: @Sendable (InvocationStep, Double) -> Void = { step, _ in
    #if DEBUG
      guard let name = getenv("SLA_PLANNER_CRASH_AFTER") else { return }
      if String(cString: name) == step.rawValue { kill(getpid(), SIGKILL) }
    #endif
  }
}
