/// What a person or the calendar has said of how many replicas there may be, and for how long.
public struct Control: Codable, Sendable, Equatable {
  /// What kind of word it is. The raw values are a contract.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Counts stay as they are.
    case pause
    /// A count is this, whatever the traffic needs.
    case pin
    /// A count is within bounds.
    case limit
    /// A window of the calendar bounds a count, or sets the budget.
    case calendar
  }

  /// What kind of word it is.
  public var kind: Kind
  /// Which component it is about; nil for every one, and for a budget.
  public var component: Component?
  /// The fewest replicas; nil for no bound. A pause has none: its bounds are what there is.
  public var minimum: Int?
  /// The most replicas; nil for no bound.
  public var maximum: Int?
  /// GPUs that count instead of the budget of the settings; nil where those count.
  public var gpuBudget: Int?
  /// Who said it: a person, or the calendar's window.
  public var owner: String
  /// Why; nil when nobody said.
  public var reason: String?
  /// Unix seconds from which it counts.
  public var since: Double
  /// Unix seconds from which it no longer counts; nil until it is taken back.
  public var until: Double?

  /// Creates a control.
  public init(
    _ kind: Kind, _ component: Component? = nil, minimum: Int? = nil, maximum: Int? = nil,
    gpuBudget: Int? = nil, owner: String, reason: String? = nil, since: Double,
    until: Double? = nil
  ) {
    self.kind = kind
    self.component = component
    self.minimum = minimum
    self.maximum = maximum
    self.gpuBudget = gpuBudget
    self.owner = owner
    self.reason = reason
    self.since = since
    self.until = until
  }

  /// Whether it counts at `time`, Unix seconds.
  public func isInForce(at time: Double) -> Bool { since <= time && time < until ?? .infinity }

  /// Whether it says something of `component`.
  public func concerns(_ component: Component) -> Bool {
    self.component == nil || self.component == component
  }
}

extension [Control] {
  /// The controls that count at `time`, oldest first, the calendar's before those of people.
  public func inForce(at time: Double) -> [Control] {
    filter { $0.isInForce(at: time) }.sorted { first, second in
      (first.kind == .calendar ? 0 : 1, first.since) < (
        second.kind == .calendar ? 0 : 1, second.since
      )
    }
  }

  /// The controls that are over by `time` left out.
  public func without(endedBy time: Double) -> [Control] {
    filter { time < $0.until ?? .infinity }
  }

  /// The list with one more word: it takes the place of an earlier one of its kind on its component.
  public func adding(_ control: Control) -> [Control] {
    filter { !($0.kind == control.kind && $0.component == control.component) } + [control]
  }
}
