/// One option's value as it may be shown.
public struct SettingEntry: Sendable, Equatable {
  /// The option's name, without dashes.
  public let name: String
  /// Its value as text; ``Secret/mask`` for a secret.
  public let value: String
  /// Where it came from.
  public let origin: ValueOrigin
  /// Whether a recording keeps it: no secrets, and nothing that steers recording itself.
  public let isRecorded: Bool

  static func all(_ values: OptionReader) -> [SettingEntry] {
    values.options.compactMap { option in
      guard let text = values.canonicalText(of: option), let origin = values.origin(of: option)
      else { return nil }
      return SettingEntry(
        name: option.name, value: option.isSecret ? Secret.mask : text, origin: origin,
        isRecorded: option.isRecorded)
    }
    .sorted { $0.name < $1.name }
  }
}

extension RunSettings {
  /// Every option that has a value and is to be recorded, as text that
  /// ``resolve(flags:recorded:environment:file:)`` takes back as `recorded`, for a replay.
  public var recordedLayer: [String: String] {
    entries.reduce(into: [:]) { layer, entry in
      if entry.isRecorded { layer[entry.name] = entry.value }
    }
  }
}
