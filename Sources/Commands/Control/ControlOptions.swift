import Application
import ArgumentParser
import Glibc
import Planning
import Presentation
import Settings

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Who takes the helm, why, and for how long.
struct ControlOptions: ParsableArguments {
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long: 90m, 1h, 2d, … (default: until 'resume').", valueName: "time"))
  var duration: String?

  @Option(
    help: ArgumentHelp("Until when: 21:05, 2026-11-16, 2026-11-16T08:00.", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Why, for those who ask later.", valueName: "text"))
  var reason: String?

  @Option(help: ArgumentHelp("Who says so (default: the user's name).", valueName: "name"))
  var owner: String?

  /// When the words cease to count, Unix seconds; nil for not by themselves.
  ///
  /// - Throws: ``CommandFailure`` for what is no time, or lies behind `now`.
  func end(now: Double) throws -> Double? {
    if duration != nil, until != nil {
      throw CommandFailure(.usage, "--for and --until exclude each other. Give only one of them.")
    }
    if let duration {
      guard let seconds = Durations.seconds(duration), seconds > 0, seconds <= 366 * 86_400 else {
        throw CommandFailure(
          .usage, "--for is a time like 90m, 1h or 2d, at most a year, not '\(duration)'.")
      }
      return now + seconds
    }
    guard let until else { return nil }
    guard let end = TimeStyle.local.unixSeconds(until, now: now) else {
      throw CommandFailure(
        .usage, "--until is a time like 21:05 or 2026-11-16T08:00, not '\(until)'.")
    }
    guard end > now else {
      throw CommandFailure(
        .usage, "--until \(until) is \(TimeStyle.local.text(end)), which has passed already.")
    }
    return end
  }

  /// Who says so.
  var person: String {
    let environment = ProcessInfo.processInfo.environment
    let given = owner ?? environment["USER"] ?? environment["LOGNAME"]
    if let given, !given.isEmpty { return given }
    return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "user \(getuid())"
  }
}
