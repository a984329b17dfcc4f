/// One place's values, by the names of the options. A layer overrides those that come after it.
struct SettingsLayer: Sendable {
  /// A value as it was given.
  struct GivenValue: Sendable {
    /// The text, without blanks around it.
    let text: String
    /// Where it was given.
    let origin: ValueOrigin
    /// Whether it was given under a name that means the opposite.
    let isInverted: Bool
  }

  private(set) var values: [String: GivenValue] = [:]

  /// What was given for `option`, if anything.
  subscript(option: PlannerOption) -> GivenValue? { values[option.name] }

  /// Adds a value; a second one for the same option has to say the same.
  mutating func add(
    _ text: String, to option: PlannerOption, origin: ValueOrigin, isInverted: Bool = false
  ) throws(SettingsError) {
    let given = GivenValue(text: text.trimmed, origin: origin, isInverted: isInverted)
    if let earlier = values[option.name] {
      guard meaning(of: earlier, option) == meaning(of: given, option) else {
        throw .contradiction(earlier.origin, origin)
      }
    } else {
      values[option.name] = given
    }
  }

  /// What two values are compared by; unreadable ones by their text.
  private func meaning(of given: GivenValue, _ option: PlannerOption) -> ParsedValue {
    switch option.kind.parse(given.text) {
    case .boolean(let isTrue): .boolean(isTrue != given.isInverted)
    case .some(let value): value
    case nil: .text(given.text)
    }
  }
}

extension SettingsLayer {
  /// The command line, as the flags' names without dashes.
  static func flags(_ flags: [String: String]) throws(SettingsError) -> SettingsLayer {
    var layer = SettingsLayer()
    for option in OptionTable.options {
      if let text = flags[option.name] {
        try layer.add(text, to: option, origin: .flag(option.name))
      }
    }
    return layer
  }

  /// A recorded layer; every name has to be known.
  static func recorded(_ values: [String: String]) throws(SettingsError) -> SettingsLayer {
    var layer = SettingsLayer()
    for option in OptionTable.options {
      if let text = values[option.name] {
        try layer.add(text, to: option, origin: .recording(option.name))
      }
    }
    let unknown = values.keys.filter { layer.values[$0] == nil }.min()
    if let unknown { throw .unknownRecordedOption(unknown) }
    return layer
  }

  /// The environment. The planner's own variables go before those that others may have set, like
  /// `DYN_NAMESPACE`; an empty variable counts as not set.
  static func environment(_ variables: [String: String]) throws(SettingsError) -> SettingsLayer {
    var layer = SettingsLayer()
    for option in OptionTable.options {
      for (name, isInverted) in option.ownVariables {
        guard let text = variables[name], !text.trimmed.isEmpty else { continue }
        try layer.add(text, to: option, origin: .environment(name), isInverted: isInverted)
      }
      guard layer[option] == nil else { continue }
      if let name = option.environment.first(where: { variables[$0]?.trimmed.isEmpty == false }),
        let text = variables[name]
      {
        try layer.add(text, to: option, origin: .environment(name))
      }
    }
    return layer
  }

  /// Variables that look like misspelt ones of the planner's own. Others with the same beginning
  /// are left alone: Kubernetes makes some for a service called `sla-planner`.
  static func misspelt(in variables: [String: String]) -> [String] {
    let names = variables.keys.filter { $0.hasPrefix(PlannerOption.variablePrefix) }.sorted()
    guard !names.isEmpty else { return [] }
    let known = OptionTable.options.flatMap { $0.ownVariables.map(\.name) }
    return names.compactMap { name in
      guard !known.contains(name), let nearest = NearestName.find(name, among: known),
        NearestName.distance(name, nearest) <= 2
      else { return nil }
      return
        "The environment variable \(name) is not known and was ignored; did you mean \(nearest)?"
    }
  }
}
