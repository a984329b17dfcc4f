/// What was to be expected of an interval, with hindsight of its traffic.
package struct SLAHindsight: Sendable, Equatable {
  /// Share of the requests within the target, of each component that can be judged.
  package var shares: [Component: Double]
  /// Whether fewer replicas were ready than planned.
  package var isShort: Bool
  /// Whether work beyond the usual was waiting at its end.
  package var hasBacklog: Bool

  /// Creates an hindsight.
  package init(shares: [Component: Double], isShort: Bool, hasBacklog: Bool) {
    self.shares = shares
    self.isShort = isShort
    self.hasBacklog = hasBacklog
  }
}
