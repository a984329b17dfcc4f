extension SettingsLayer {
  /// The configuration file, under the options' own names and those of Dynamo's `PlannerConfig`.
  ///
  /// - Returns: the layer, and a warning for every field that something else replaces here.
  static func file(
    _ file: ConfigurationFile
  ) throws(SettingsError) -> (layer: SettingsLayer, warnings: [String]) {
    var layer = SettingsLayer()
    var warnings: [String] = []
    var atDefault: [String] = []
    let keys = knownKeys()
    for entry in file.entries {
      let origin = ValueOrigin.file(name: file.name, key: entry.key, line: entry.line)
      let key = PlannerOption.fileKey(for: entry.key)
      if let (option, isInverted) = keys[key] {
        switch entry.value {
        case .text(let text):
          try layer.add(text, to: option, origin: origin, isInverted: isInverted)
        case .nested(let tree):
          let lines = option.kind == .windows ? tree.windowLines : tree.lines
          guard option.kind.isRepeatable, let lines else {
            throw .nestedValue(origin)
          }
          try layer.add(lines.joined(separator: "\n"), to: option, origin: origin)
        case .nothing: break
        }
      } else if let field = PeerField.all.first(where: { $0.key == key }) {
        if case .text(let text) = entry.value, field.isDefault(text) {
          atDefault.append(entry.key)
        } else if let warning = try warning(about: field, entry.value, origin) {
          warnings.append(warning)
        }
      } else {
        let candidates = (Array(keys.keys) + PeerField.all.map(\.key)).sorted()
        throw .unknownKey(origin, nearest: NearestName.find(key, among: candidates) ?? "")
      }
    }
    if !atDefault.isEmpty {
      warnings.append(
        "\(file.name): \(atDefault.joined(separator: ", ")) \(atDefault.count == 1 ? "has" : "have") no meaning here and \(atDefault.count == 1 ? "was" : "were") ignored, being at the default of Dynamo's planner."
      )
    }
    return (layer, warnings + [absentTarget(file)].compactMap { $0 })
  }

  /// What a file of a newer Dynamo planner means that doesn't say what it optimises for; nil for
  /// other files.
  private static func absentTarget(_ file: ConfigurationFile) -> String? {
    let keys = file.entries.map { PlannerOption.fileKey(for: $0.key) }
    let isNewer =
      !newerKeys.isDisjoint(with: keys)
      || PeerField.all.contains { !$0.isOld && keys.contains($0.key) }
    guard isNewer, !keys.contains("optimization_target") else { return nil }
    return
      "\(file.name): without 'optimization_target', Dynamo's planner scales for 'throughput' (by queues and KV usage, whatever the latencies); here replicas follow ttft and itl then, as under 'sla'; add 'optimization_target: throughput' for the same."
  }

  /// Names that Dynamo 1.0.0 did not have yet.
  private static let newerKeys: Set<String> = [
    "ttft_ms", "itl_ms", "throughput_adjustment_interval_seconds",
    "load_adjustment_interval_seconds", "advisory",
  ]

  private static func warning(
    about field: PeerField, _ value: ConfigurationFile.Value, _ origin: ValueOrigin
  ) throws(SettingsError) -> String? {
    switch value {
    case .nothing: return nil
    case .text(let text) where field.harmless.contains(text.lowercased()): return nil
    case .nested(let tree):
      if let danger = field.danger(in: tree) {
        throw .unsupportedKey(origin, instead: danger)
      }
    case .text: break
    }
    guard !field.isRefused else { throw .unsupportedKey(origin, instead: field.instead) }
    return "\(origin) has no meaning here and was ignored: \(field.instead)."
  }

  /// Every key that names an option. What names the file itself can't stand in it.
  private static func knownKeys() -> [String: (PlannerOption, Bool)] {
    var keys: [String: (PlannerOption, Bool)] = [:]
    for option in OptionTable.options where option.name != OutputSettings.configuration.name {
      for (key, isInverted) in option.fileKeys { keys[key] = (option, isInverted) }
    }
    return keys
  }
}
