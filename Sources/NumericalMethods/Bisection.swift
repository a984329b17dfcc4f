/// Halves `low`…`high` so many times around the place where a condition stops to hold.
///
/// - Parameters:
///   - holds: true at `low` and false at `high`, or taken to be: neither is asked.
///   - halvings: each of them halves the interval.
/// - Returns: the ends of the last interval.
@inlinable
public func bisect(
  _ low: Double, _ high: Double, halvings: Int, holds: (Double) -> Bool
) -> (low: Double, high: Double) {
  var (low, high) = (low, high)
  for _ in 0..<halvings {
    let middle = (low + high) / 2
    if holds(middle) { low = middle } else { high = middle }
  }
  return (low, high)
}

/// The neighbours between `low` and `high` of which a condition holds for the first and not for the
/// second; logarithmic in their distance. Unchanged when `low` and `high` are neighbours already, or
/// the same.
///
/// - Parameter holds: true up to some number and false beyond; `low` and `high` are not asked.
@inlinable
public func bisect(_ low: Int, _ high: Int, holds: (Int) -> Bool) -> (low: Int, high: Int) {
  var (low, high) = (low, high)
  while high - low > 1 {
    let middle = (low + high) / 2
    if holds(middle) { low = middle } else { high = middle }
  }
  return (low, high)
}
