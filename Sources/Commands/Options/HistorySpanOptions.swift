import Application
import ArgumentParser
import Presentation

/// The time that a look back covers.
struct HistorySpanOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only decisions since this time: 1h, yesterday, 2026-11-16, 2026-11-16T08:00, …",
      valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Only decisions before this time.", valueName: "time"))
  var until: String?

  /// Whether either end was given.
  var isLimited: Bool { since != nil || until != nil }

  /// The ends in Unix seconds; nil where none was given.
  ///
  /// - Parameter now: Unix seconds that times like `1h` count back from.
  /// - Throws: ``CommandFailure`` for what is no time, and for a span without any.
  func bounds(now: Double) throws -> (since: Double?, until: Double?) {
    let bounds = (
      since: try since.map { try TimeStyle.local.moment($0, "--since", now: now) },
      until: try until.map { try TimeStyle.local.moment($0, "--until", now: now) }
    )
    if let since = bounds.since, let until = bounds.until, since >= until {
      throw CommandFailure(.usage, "--until has to come after --since.")
    }
    return bounds
  }
}
