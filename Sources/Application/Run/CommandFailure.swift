import Connectors
import EngineProfiles
import Forecasting
import Glibc
import HTTPTransport
import Invocation
import MetricSources
import Planning
import Settings

/// Something that ends a command, with its exit code (docs/reference/exit-codes.md) and what to do about it.
package struct CommandFailure: Error, CustomStringConvertible {
  /// The exit codes of the program, after sysexits(3).
  package enum Code: Int32 {
    case notApplied = 1
    case change = 2
    case holding = 3
    case usage = 64
    case unreadableInput = 65
    case unreachable = 69
    case fault = 70
    case starved = 71
    case unwritten = 74
    case leased = 75
    case permissionDenied = 77
    case configuration = 78
    /// 128 + SIGTERM, what a shell reports for a process that the signal ended.
    case terminated = 143
  }

  package var code: Code
  package var description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// The failure that `error` is to the user.
  package init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as SettingsError:
      self.init(Code(rawValue: error.exitCode) ?? .configuration, "\(error)")
    case StateError.leased: self.init(.leased, "\(error)")
    case is StateError: self.init(.unreadableInput, "\(error)")
    case ConnectorError.unreachable: self.init(.unreachable, "\(error)")
    case ConnectorError.permissionDenied: self.init(.permissionDenied, "\(error)")
    case ConnectorError.misconfigured: self.init(.configuration, "\(error)")
    case ConnectorError.conflict: self.init(.notApplied, "\(error)")
    case HTTPRecordingError.occupied, HTTPRecordingError.unwritable:
      self.init(.configuration, "\(error)")
    case PlanningError.profileMissing, is ProfileError, is HTTPRecordingError,
      HTTPError.notRecorded:
      self.init(.unreadableInput, "\(error)")
    case is PlanningError, is MetricSourceError, is HTTPError: self.init(.configuration, "\(error)")
    case is CancellationError:
      self.init(
        .terminated,
        "Stopped by SIGTERM before a decision was saved; nothing was changed and nothing is lost.")
    default: self.init(.fault, "\(error)")
    }
  }
}

/// Writes one line to stderr; what would do something to a terminal is made visible.
package func printError(_ line: String) {
  let bytes = Array((VisibleText.plain(line, keepsLines: false) + "\n").utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

/// Writes text to stdout; what would do something to a terminal is made visible.
package func printText(_ text: String) { print(VisibleText.plain(text)) }

/// Writes JSON to stdout; what would do something to a terminal is escaped, which means the same.
package func printJSON(_ text: String) { print(VisibleText.json(text)) }
