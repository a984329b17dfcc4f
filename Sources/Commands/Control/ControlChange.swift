import Application
import Invocation
import Planning
import Presentation
import Reporting
import Settings
import StateStore

/// Changes what people have said of a deployment, and says what counts from now on.
struct ControlChange {
  let store: SQLiteStateStore
  /// Unix seconds.
  let now: Double
  let output: OutputFormat

  init(_ file: StateFileOptions, now: String?, output: OutputFormat?) throws {
    let given = try file.given(["now": now, "output": output?.rawValue])
    let found = DeploymentStore(given: given, deployment: file.deployment)
    store = try found.open()
    self.now = try found.now
    self.output = output ?? .text
  }

  /// The components that the last decision scaled; both where there is none.
  var components: [Component] {
    get throws { try lastDecision?.document.mode.components ?? Component.allCases }
  }

  /// Makes sure that the deployment has a component to scale.
  func require(_ component: Component) throws {
    guard try components.contains(component) else {
      let mode = try lastDecision?.document.mode.rawValue ?? ""
      throw CommandFailure(
        .usage,
        "\(store.deployment) has no \(component.rawValue) count to decide: its mode is \(mode).")
    }
  }

  /// Adds words, each in the place of an earlier one of its kind on its component.
  func add(_ new: [Control]) throws {
    let all = try store.changeControls(now: now) { controls in
      new.reduce(controls) { $0.adding($1) }
    }
    try say(new, of: all)
  }

  /// Takes back the words that `isMeant` picks.
  func remove(_ isMeant: (Control) -> Bool) throws {
    var removed: [Control] = []
    let left = try store.changeControls(now: now) { controls in
      removed = controls.filter(isMeant)
      return controls.filter { !isMeant($0) }
    }
    try say(removed, of: left, areRemoved: true)
  }

  private func say(_ words: [Control], of all: [Control], areRemoved: Bool = false) throws {
    guard output == .text else {
      return printJSON(try ControlList(store.deployment, at: now, all).json())
    }
    var lines = words.map { word in
      "\(store.deployment): "
        + (areRemoved ? "taken back: " : "") + ControlText(word, now: now, times: .local).sentence
    }
    if words.isEmpty { lines = ["\(store.deployment): nothing to take back."] }
    if !areRemoved {
      lines += try warnings(words)
      lines.append("It counts from the next run on; 'sla-planner resume' takes it back.")
    } else if !words.isEmpty {
      lines.append(
        all.isEmpty
          ? "From the next run on the planner decides alone."
          : "Still in force: \(all.map { ControlText($0, now: now, times: .local).sentence }.joined(separator: "; "))."
      )
    }
    printText(lines.joined(separator: "\n"))
  }

  /// What the last decision's settings leave of the words.
  private func warnings(_ words: [Control]) throws -> [String] {
    guard let policy = try lastDecision?.record.input.policy else { return [] }
    var lines: [String] = []
    for word in words {
      guard let component = word.component else { continue }
      if let most = word.maximum, most < policy.minimum(of: component) {
        lines.append(
          "Note: the minimum is \(policy.minimum(of: component)), which \(component.rawValue) does not go below."
        )
      }
      let others = policy.mode.components.filter { $0 != component }
      let reserved = others.reduce(0) { $0 + policy.minimum(of: $1) * policy.gpus(of: $1) }
      if let budget = policy.gpuBudget, let least = word.minimum {
        let fits = max(0, budget - reserved) / policy.gpus(of: component)
        if least > fits {
          lines.append(
            "Note: the budget of \(Numbers.count(budget, "GPU")) has room for \(fits); raise --max-gpu-budget for more."
          )
        }
      }
    }
    return lines
  }

  private var lastDecision: PastDecision? {
    get throws { try store.decisions(limit: 1).first.map { try PastDecision($0) } }
  }
}
