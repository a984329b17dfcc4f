import Glibc
import Presentation
import Synchronization

/// Tells on a terminal how far work has come that takes longer than a second, and what is left of it.
package final class Progress: Sendable {
  private struct State {
    var done = 0
    var shown: ContinuousClock.Instant?
    var hasText = false
  }

  private let what: String
  private let total: Int
  private let isShown: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// Begins.
  ///
  /// - Parameters:
  ///   - what: what is done, as `simulated`.
  ///   - total: how many steps there are; 0 where nobody knows.
  ///   - isShown: whether standard error is a terminal that wants it.
  package init(_ what: String, of total: Int, isShown: Bool) {
    self.what = what
    self.total = total
    self.isShown = isShown
  }

  /// One more step is done.
  package func advance() {
    guard isShown else { return }
    let text = state.withLock { state -> String? in
      state.done += 1
      let now = ContinuousClock.now
      let elapsed = (now - start) / .seconds(1)
      guard elapsed > 1, state.shown.map({ (now - $0) / .seconds(1) > 0.2 }) ?? true else {
        return nil
      }
      state.shown = now
      state.hasText = true
      return Self.text(what, done: state.done, total: total, elapsedSeconds: elapsed)
    }
    if let text { Self.write("\r\u{1B}[K\(text)") }
  }

  /// Takes away what was shown.
  package func finish() {
    let hadText = state.withLock { state in
      defer { state.hasText = false }
      return state.hasText
    }
    if hadText { Self.write("\r\u{1B}[K") }
  }

  /// `simulated 3 of 12, 40 s left`.
  package static func text(
    _ what: String, done: Int, total: Int, elapsedSeconds: Double
  ) -> String {
    guard total > done, done > 0 else { return "\(what) \(done)" }
    let left = elapsedSeconds / Double(done) * Double(total - done)
    return "\(what) \(done) of \(total), \(Durations.short(seconds: left)) left"
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
