import Invocation
import Planning
import Presentation

/// One recorded decision beside what other settings would have decided.
public struct WhatIfText: Sendable {
  /// A setting that differs.
  public struct Setting: Sendable, Equatable {
    var option: String
    var was: String?
    var now: String?

    /// Names a setting with both values.
    public init(_ option: String, was: String?, now: String?) {
      self.option = option
      self.was = was
      self.now = now
    }

    /// `max-gpu-budget 24 → 12`.
    public var text: String { "\(option) \(was ?? "unset") → \(now ?? "unset")" }
  }

  let past: PastDecision
  /// The same moment decided again with the recorded settings.
  let again: Decision
  /// The same moment with the other settings.
  let other: Decision
  let settings: [Setting]

  /// Creates the comparison.
  public init(_ past: PastDecision, again: Decision, other: Decision, settings: [Setting]) {
    self.past = past
    self.again = again
    self.other = other
    self.settings = settings
  }

  /// The text; its first line answers.
  public var text: String {
    var lines = TextWrap.lines(answer, rest: "  ")
    lines += TextWrap.lines(
      "Different settings: \(settings.isEmpty ? "none" : settings.map(\.text).joined(separator: ", ")).",
      rest: "  ")
    lines += TextWrap.lines("\(gpus); \(attainment).", rest: "  ")
    lines.append("")
    for component in other.components.keys.sorted() {
      guard let decided = other.components[component] else { continue }
      lines += TextWrap.lines(decided.explanation, rest: "  ")
    }
    if let doubt { lines += [""] + TextWrap.lines(doubt, rest: "  ") }
    return lines.joined(separator: "\n")
  }

  private var answer: String {
    let parts = other.components.keys.sorted().map { component in
      let was = past.record.decision.components[component]?.final
      let now = other.components[component]?.final
      return was == now
        ? "\(component.rawValue) \(text(now)) as well"
        : "\(component.rawValue) \(text(now)) instead of \(text(was))"
    }
    return "Decision \(past.id) would have been: \(parts.joined(separator: ", "))."
  }

  private var gpus: String {
    "GPUs \(text(past.record.decision.gpus.after)) → \(text(other.gpus.after))"
  }

  private var attainment: String {
    let others = DecisionDocument(other, id: nil, deployment: "").components
    let parts = others.keys.sorted().compactMap { component -> String? in
      guard let now = others[component].flatMap(ExpectedShare.init) else { return nil }
      let was = past.document.components[component].flatMap(ExpectedShare.init)
      return "\(component.rawValue) \(was?.text ?? "unknown") → \(now.text)"
    }
    return parts.isEmpty
      ? "nothing is expected of the targets, for nothing was sized by them"
      : "expected within the target: \(parts.joined(separator: ", "))"
  }

  /// That the recorded settings do not decide again what they decided then.
  private var doubt: String? {
    guard again.targets != past.record.decision.targets else { return nil }
    let counts = again.targets.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)" }
    return
      "Note: the recorded settings decide \(counts.joined(separator: ", ")) today: profile or program are not those of that decision. Name its profile with --profile-results-dir."
  }

  private func text(_ count: Int?) -> String { count.map(String.init) ?? "none" }
}

/// The same for programs.
public struct WhatIfDocument: Encodable, Sendable {
  struct Setting: Encodable, Sendable {
    var option: String
    @ExplicitNull var was: String?
    @ExplicitNull var now: String?
  }

  let schema = 1
  let decision: DecisionDocument
  let whatIf: DecisionDocument
  let settings: [Setting]

  enum CodingKeys: String, CodingKey {
    case schema, decision, settings
    case whatIf = "what_if"
  }

  /// Creates the document of a comparison.
  public init(_ text: WhatIfText) {
    decision = text.past.document
    whatIf = DecisionDocument(
      text.other, id: nil, deployment: text.past.document.deployment,
      status: text.other.status == .pending ? .dryRun : nil)
    settings = text.settings.map { Setting(option: $0.option, was: $0.was, now: $0.now) }
  }

  /// One JSON object.
  public func json() throws -> String { try JSONText.encode(self) }
}
