extension DecisionInput {
  /// The fewest and the most replicas that people and the calendar allow a component now; nil for no
  /// bound.
  public func controlBounds(of component: Component) -> (minimum: Int?, maximum: Int?) {
    let counts = deployment.counts[component]
    let range = ControlRange(component, base: counts?.asked ?? counts?.current, self)
    return (range.lowest?.count, range.highest?.count)
  }
}
