import Application
import ArgumentParser
import Presentation
import Settings

/// The time that a look back covers.
struct HistorySpanOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only decisions at or after this moment (RFC 3339 or Unix seconds).", valueName: "time"))
  var since: String?

  @Option(help: ArgumentHelp("Only decisions before this moment.", valueName: "time"))
  var until: String?

  /// Whether either end was given.
  var isLimited: Bool { since != nil || until != nil }

  /// The ends in Unix seconds; nil where none was given.
  ///
  /// - Throws: ``CommandFailure`` for what is no time, and for a span without any.
  func bounds() throws -> (since: Double?, until: Double?) {
    let bounds = (since: try moment(since, "--since"), until: try moment(until, "--until"))
    if let since = bounds.since, let until = bounds.until, since >= until {
      throw CommandFailure(.usage, "--until has to come after --since.")
    }
    return bounds
  }

  private func moment(_ text: String?, _ flag: String) throws -> Double? {
    guard let text else { return nil }
    guard let time = Instant.unixSeconds(text) else {
      throw CommandFailure(
        .usage, "\(flag) is an RFC 3339 time or Unix seconds, not '\(text)'.")
    }
    return time
  }
}
