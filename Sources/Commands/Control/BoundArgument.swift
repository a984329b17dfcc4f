import Application
import Planning
import Settings

/// `decode=12`, `prefill=2..8`, `decode=4..`, `decode=..10`.
struct BoundArgument: Equatable {
  var component: Component
  var bounds: CountBounds

  /// Reads an argument.
  ///
  /// - Throws: ``CommandFailure`` for what it is not.
  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let component = Component(rawValue: String(parts[0])) else {
      throw CommandFailure(
        .usage,
        "'\(text)' is no count of a component. Write prefill=COUNT or decode=COUNT, with LEAST..MOST for bounds."
      )
    }
    guard let bounds = CountBounds(String(parts[1])) else {
      throw CommandFailure(
        .usage,
        "'\(text)' allows no count. Write a whole number from 1 to \(CountBounds.most), or LEAST..MOST, LEAST.., ..MOST; the planner never scales to zero."
      )
    }
    self.component = component
    self.bounds = bounds
  }
}
