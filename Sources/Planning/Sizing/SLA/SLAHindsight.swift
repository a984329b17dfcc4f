/// What was to be expected of an interval, with hindsight of its traffic.
package struct SLAHindsight: Sendable, Equatable {
  /// Share of the requests within the target, of each component that can be judged.
  package var shares: [Component: Double]
  /// Components of which replicas that were planned and asked for were not ready all the time.
  package var short: Set<Component>
  /// Whether work beyond the usual was waiting at its end.
  package var hasBacklog: Bool

  /// Creates it.
  package init(shares: [Component: Double], short: Set<Component> = [], hasBacklog: Bool) {
    self.shares = shares
    self.short = short
    self.hasBacklog = hasBacklog
  }
}
