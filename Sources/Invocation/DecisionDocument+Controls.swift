import Planning
import Presentation

extension DecisionDocument {
  /// What a person or the calendar had said when the decision was made.
  public struct ControlDocument: Codable, Sendable, Equatable {
    /// `pause`, `pin`, `limit` or `calendar`.
    public var kind: Control.Kind
    /// Which component; null for every one.
    @ExplicitNull public var component: Component?
    /// The fewest replicas; null for no bound.
    @ExplicitNull public var minimum: Int?
    /// The most replicas; null for no bound.
    @ExplicitNull public var maximum: Int?
    /// GPUs that count instead of the budget of the settings; null where those count.
    @ExplicitNull public var gpuBudget: Int?
    /// Who said it.
    public var owner: String
    /// Why; null when nobody said.
    @ExplicitNull public var reason: String?
    /// From when, RFC 3339.
    public var since: String
    /// Until when, RFC 3339; null until it is taken back.
    @ExplicitNull public var until: String?

    enum CodingKeys: String, CodingKey {
      case kind, component, owner, reason, since, until
      case minimum = "min"
      case maximum = "max"
      case gpuBudget = "gpu_budget"
    }

    /// The document of a control.
    public init(_ control: Control) {
      kind = control.kind
      owner = control.owner
      since = rfc3339(control.since)
      _component = ExplicitNull(wrappedValue: control.component)
      _minimum = ExplicitNull(wrappedValue: control.minimum)
      _maximum = ExplicitNull(wrappedValue: control.maximum)
      _gpuBudget = ExplicitNull(wrappedValue: control.gpuBudget)
      _reason = ExplicitNull(wrappedValue: control.reason)
      _until = ExplicitNull(wrappedValue: control.until.map(rfc3339))
    }
  }
}
