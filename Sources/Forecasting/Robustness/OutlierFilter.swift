/// Tells a value that lies far above everything a series brought lately, and remembers it until the
/// next value says what it was.
///
/// The rule: a value is an outlier when it is more than ten times the second largest of the last 25
/// values, plus 10. The *second* largest, so that one spike does not make room for the next; plus 10
/// (requests or tokens), because one request where none or one came before is no news. Fewer than
/// five values, or values that are mostly 0, judge nothing: the first traffic after a night is no
/// outlier. No traffic is none either, it is an idle interval.
///
/// An outlier is withheld for one interval. If the next value is one too, both are a level shift and
/// count; else a model learns in the outlier's place what it had forecast for it. The third outlier
/// within 25 values is the series' own (the second largest is one by then).
package struct OutlierFilter: Codable, Sendable, Equatable {
  /// A value that waits for its successor.
  package struct Withheld: Codable, Sendable, Equatable {
    package var value: Double
    package var intervalEnd: Int
    /// The most that came lately and is no outlier.
    package var ordinary: Double
    /// The most that would have been ordinary.
    package var bound: Double
  }

  private static let window = 25
  private static let fewestValues = 5
  private static let factor = 10.0
  private static let slack = 10.0

  /// The last values as they came, outliers too, oldest first.
  @PackedNumbers private var recent: [Double] = []
  /// The newest value, if it is an outlier.
  package private(set) var withheld: Withheld?

  /// Creates a filter that has seen nothing.
  package init() {}

  /// What became of a value.
  package struct Verdict {
    /// The outlier that waited, if its value counts: it was the first of a level shift.
    package var shift: Withheld?
    /// The outlier that waited, if a forecast is to stand in its place.
    package var dropped: Withheld?
    /// Whether the value itself counts now.
    package var counts: Bool
  }

  /// Judges the next value, and the one that waited for it.
  package mutating func judge(_ value: Double, intervalEnd: Int) -> Verdict {
    let outlier = outlier(value, intervalEnd)
    recent.append(value)
    recent.removeFirst(max(0, recent.count - Self.window))
    guard let before = withheld else {
      withheld = outlier
      return Verdict(counts: outlier == nil)
    }
    if outlier != nil {
      withheld = nil
      return Verdict(shift: before, counts: true)
    }
    withheld = nil
    return Verdict(dropped: before, counts: true)
  }

  private func outlier(_ value: Double, _ intervalEnd: Int) -> Withheld? {
    guard recent.count >= Self.fewestValues else { return nil }
    let sorted = recent.sorted()
    guard sorted[sorted.count / 2] > 0 else { return nil }
    let bound = Self.factor * sorted[sorted.count - 2] + Self.slack
    guard value > bound else { return nil }
    return Withheld(
      value: value, intervalEnd: intervalEnd, ordinary: sorted[sorted.count - 2], bound: bound)
  }
}
