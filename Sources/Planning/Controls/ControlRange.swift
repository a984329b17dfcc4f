/// The counts that controls allow a component at one moment, and which control draws each end.
///
/// Of controls that contradict each other the newest counts: a pin to 12 after a limit of 2…8 is 12.
struct ControlRange: Equatable {
  /// One end of the range.
  struct End: Equatable {
    var count: Int
    var control: Control
  }

  private(set) var lowest: End?
  private(set) var highest: End?
  /// What the calendar asks for later, as far ahead as a replica takes to start.
  private(set) var upcoming: End?

  /// The range of `component`, which has `base` replicas now (nil: nobody knows).
  init(_ component: Component, base: Int?, _ input: DecisionInput) {
    let controls = (input.controls ?? []).filter { $0.concerns(component) }
    let least = input.policy.minimum(of: component)
    for control in controls.inForce(at: input.time) where control.gpuBudget == nil {
      let isPause = control.kind == .pause
      apply(
        // No control goes below the minimum: with --min-endpoint 2 a pin to 1 is one to 2.
        minimum: isPause ? base : control.minimum.map { max(least, $0) },
        maximum: isPause ? base : control.maximum.map { max(least, $0) }, control)
    }
    let horizon = input.time + (input.controlLeadSeconds ?? 0)
    for control in controls where control.since > input.time && control.since <= horizon {
      guard let minimum = control.minimum else { continue }
      // What is ordered now is ready when the window begins; a person's word is not overruled.
      let count = min(minimum, highest?.count ?? .max)
      if count > max(lowest?.count ?? 0, upcoming?.count ?? 0) {
        upcoming = End(count: count, control: control)
      }
    }
  }

  private mutating func apply(minimum: Int?, maximum: Int?, _ control: Control) {
    if let minimum {
      if let count = highest?.count, minimum > count { highest = nil }
      if minimum >= lowest?.count ?? 0 { lowest = End(count: minimum, control: control) }
    }
    if let maximum {
      if let count = lowest?.count, maximum < count {
        lowest = minimum.map { End(count: $0, control: control) }
      }
      if maximum <= highest?.count ?? .max { highest = End(count: maximum, control: control) }
    }
  }

  /// Whether nothing is left to decide: a pin or a pause.
  var isFixed: Bool {
    guard let lowest, let highest else { return false }
    return lowest.count == highest.count && [.pin, .pause].contains(highest.control.kind)
  }

  /// The end that an adjustment came from.
  func end(for adjustment: Adjustment) -> End? {
    [highest, lowest, upcoming].compactMap { $0 }.first {
      Adjustment.Reason($0.control.kind) == adjustment.reason && $0.count == adjustment.to
    }
      ?? [highest, lowest, upcoming].compactMap { $0 }.first {
        Adjustment.Reason($0.control.kind) == adjustment.reason
      }
  }

  /// Where `count` ends up, and the control that says so; nil where none has to.
  func limiting(_ count: Int?) -> End? {
    if isFixed { return highest }
    guard let count else { return lowest }
    if let highest, count > highest.count { return highest }
    let floor = [lowest, upcoming].compactMap { $0 }.max { $0.count < $1.count }
    if let floor, count < floor.count { return floor }
    return nil
  }
}
