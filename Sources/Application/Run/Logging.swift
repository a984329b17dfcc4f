import Glibc
import Invocation
import Logging
import Presentation
import Settings

/// Writes the log to stderr, as text for people or one JSON object a line.
package struct StandardErrorLog: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level
  let format: OutputFormat
  let now: @Sendable () -> Double

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
      .sorted { $0.key < $1.key }
    switch format {
    case .text:
      let fields = all.map { " \($0.key)=\($0.value)" }.joined()
      printError("\(rfc3339(now())) \(event.level.rawValue): \(event.message)\(fields)")
    case .json:
      var line = [
        "time": rfc3339(now()), "level": event.level.rawValue, "message": "\(event.message)",
      ]
      for (key, value) in all where line[key] == nil { line[key] = "\(value)" }
      printError(VisibleText.json((try? JSONText.encode(line)) ?? "{}"))
    }
  }

  /// The logger of a command.
  package static func logger(_ settings: RunSettings) -> Logger {
    logger(level: settings.logLevel, format: settings.logFormat)
  }

  /// A logger of that level and format.
  package static func logger(level: LogLevel, format: OutputFormat) -> Logger {
    let level = Logger.Level(rawValue: level.rawValue) ?? .info
    return Logger(label: "sla-planner") { _ in
      StandardErrorLog(logLevel: level, format: format, now: { SystemClock().now() })
    }
  }
}

/// The machine's clock.
package struct SystemClock: PlannerClock {
  package init() {}

  package func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  package func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }
}
