/// One option's value as it may be shown.
public struct SettingEntry: Sendable, Equatable {
  /// The option's name, without dashes.
  public let name: String
  /// Its value as text; ``Secret/mask`` for a secret.
  public let value: String
  /// Where it came from.
  public let origin: ValueOrigin
  /// Whether the value is hidden.
  public let isSecret: Bool

  static func all(_ values: SettingsValues) -> [SettingEntry] {
    OptionTable.options.compactMap { option in
      guard let text = values.canonicalText(of: option), let origin = values.origin(of: option)
      else { return nil }
      return SettingEntry(
        name: option.name, value: option.isSecret ? Secret.mask : text, origin: origin,
        isSecret: option.isSecret)
    }
    .sorted { $0.name < $1.name }
  }
}

extension RunSettings {
  /// Every option that has a value and is no secret, as text that
  /// ``resolve(flags:recorded:environment:file:)`` takes back as `recorded`, for a replay.
  ///
  /// What steers recording itself is left out: the configuration file (its values are here), and
  /// the folders of `--record` and `--replay`.
  public var recordedLayer: [String: String] {
    let leftOut = [PlannerOption.config, .record, .replay].map(\.name)
    return entries.reduce(into: [:]) { layer, entry in
      if !entry.isSecret, !leftOut.contains(entry.name) { layer[entry.name] = entry.value }
    }
  }
}
