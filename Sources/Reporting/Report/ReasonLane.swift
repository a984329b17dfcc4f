import Planning

/// What a reason code means to a person who looks at a timeline.
enum ReasonKind: Int, Sendable, CaseIterable {
  case quiet, down, up, damped, manual, unsure, alarm

  init(_ reasons: DecisionReasons, _ rule: ReasonLane.Rule) {
    switch rule {
    case .throughput: self.init(reasons.throughput)
    case .load: self.init(reasons.load)
    case .damping: self = reasons.damping == nil ? .quiet : .damped
    case .control: self = reasons.control == nil ? .quiet : .manual
    case .budget: self = reasons.budget == .limited ? .alarm : .quiet
    }
  }

  private init(_ reason: ThroughputReason) {
    switch reason {
    case .disabled, .noChange: self = .quiet
    case .scaleUp: self = .up
    case .scaleDown: self = .down
    case .trafficUnknown, .lengthsUnknown, .noTrafficYet, .scalingInProgress: self = .unsure
    case .holdFallback: self = .alarm
    }
  }

  private init(_ reason: LoadReason) {
    switch reason {
    case .disabled, .noChange: self = .quiet
    case .scaleUp: self = .up
    case .scaleDown: self = .down
    case .overload, .targetUnreachable: self = .alarm
    case .insufficientData, .regressionUnusable, .workerCountMismatch, .noWorkers,
      .workersUnknown, .floorUnknown, .scalingInProgress:
      self = .unsure
    }
  }

  /// Its CSS class.
  var style: String {
    switch self {
    case .quiet: "quiet"
    case .down: "down"
    case .up: "up"
    case .damped: "damped"
    case .manual: "manual"
    case .unsure: "unsure"
    case .alarm: "alarm"
    }
  }

  /// What the legend calls it.
  var name: String {
    switch self {
    case .quiet: "nothing to do"
    case .down: "scale down"
    case .up: "scale up"
    case .damped: "change delayed"
    case .manual: "by hand or calendar"
    case .unsure: "held: unknown or waiting"
    case .alarm: "limit reached"
    }
  }
}

/// The reasons of one rule for one component, over time.
struct ReasonLane: Sendable, Equatable {
  /// Which of the reasons of a decision.
  enum Rule: String, Sendable, CaseIterable {
    case throughput, load, damping, control, budget
  }

  let component: Component
  let rule: Rule
  /// The codes that occurred in each part of the grid, in the order in which they did.
  private(set) var codes: [[String]]
  /// The most noteworthy kind in each part; nil where nothing was decided.
  private(set) var kinds: [ReasonKind?]
  /// The code of the newest decision.
  private(set) var newest: String?
  /// Decisions by code.
  private(set) var counts: [String: Int] = [:]

  init(_ component: Component, _ rule: Rule, _ grid: TimeGrid) {
    self.component = component
    self.rule = rule
    codes = Array(repeating: [], count: grid.count)
    kinds = Array(repeating: nil, count: grid.count)
  }

  /// Whether the rule never had anything to say.
  var isIdle: Bool {
    counts.keys.allSatisfy { ["disabled", "unlimited", Self.nothing].contains($0) }
  }

  /// Stands for no reason.
  private static let nothing = "none"

  /// Adds the reasons of the next decision, which lies in part `index` of the grid.
  mutating func add(_ reasons: DecisionReasons, at index: Int) {
    let code =
      switch rule {
      case .throughput: reasons.throughput.rawValue
      case .load: reasons.load.rawValue
      case .damping: reasons.damping?.rawValue ?? Self.nothing
      case .control: reasons.control?.rawValue ?? Self.nothing
      case .budget: reasons.budget.rawValue
      }
    newest = code
    counts[code, default: 0] += 1
    if !codes[index].contains(code) { codes[index].append(code) }
    let kind = ReasonKind(reasons, rule)
    if kind.rawValue >= (kinds[index] ?? .quiet).rawValue { kinds[index] = kind }
  }
}
