extension SettingsLayer {
  /// The configuration file, under the options' own names and those of Dynamo's `PlannerConfig`.
  ///
  /// - Returns: the layer, and a warning for every field that something else replaces here.
  static func file(
    _ file: ConfigurationFile
  ) throws(SettingsError) -> (layer: SettingsLayer, warnings: [String]) {
    var layer = SettingsLayer()
    var warnings: [String] = []
    let keys = knownKeys()
    for entry in file.entries {
      let origin = ValueOrigin.file(name: file.name, key: entry.key, line: entry.line)
      let key = PlannerOption.fileKey(for: entry.key)
      if let (option, isInverted) = keys[key] {
        switch entry.value {
        case .text(let text):
          try layer.add(text, to: option, origin: origin, isInverted: isInverted)
        case .nested: throw .nestedValue(origin)
        case .nothing: break
        }
      } else if let field = PeerField.all.first(where: { $0.key == key }) {
        if let warning = try warning(about: field, entry.value, origin) { warnings.append(warning) }
      } else {
        let candidates = (Array(keys.keys) + PeerField.all.map(\.key)).sorted()
        throw .unknownKey(origin, nearest: NearestName.find(key, among: candidates) ?? "")
      }
    }
    return (layer, warnings)
  }

  private static func warning(
    about field: PeerField, _ value: ConfigurationFile.Value, _ origin: ValueOrigin
  ) throws(SettingsError) -> String? {
    switch value {
    case .nothing: return nil
    case .text(let text) where field.harmless.contains(text.lowercased()): return nil
    case .text, .nested: break
    }
    guard !field.isRefused else { throw .unsupportedKey(origin, instead: field.instead) }
    return "\(origin) has no meaning here and was ignored: \(field.instead)."
  }

  /// Every key that names an option. What names the file itself can't stand in it.
  private static func knownKeys() -> [String: (PlannerOption, Bool)] {
    var keys: [String: (PlannerOption, Bool)] = [:]
    for option in OptionTable.options where option.name != PlannerOption.config.name {
      for (key, isInverted) in option.fileKeys { keys[key] = (option, isInverted) }
    }
    return keys
  }
}
