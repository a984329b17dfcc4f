/// Says in words why a sizing rule asks for a number of replicas.
struct SizingExplanation {
  let component: Component
  let sizing: ReplicaSizing
  let input: DecisionInput

  init(_ component: Component, _ sizing: ReplicaSizing, _ input: DecisionInput) {
    self.component = component
    self.sizing = sizing
    self.input = input
  }

  /// The phrase, without a full stop.
  var phrase: String {
    guard let expectation = sizing.expectation else {
      return CapacityExplanation(component, sizing, input).phrase
    }
    return SLAExplanation(component, sizing, expectation, input.policy.targets).phrase
  }

  /// What was counted in besides requests and lengths; nil where that is nothing.
  var circumstances: String? {
    sizing.expectation.flatMap {
      SLAExplanation(component, sizing, $0, input.policy.targets).circumstances
    }
  }
}
