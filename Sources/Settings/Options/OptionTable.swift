/// A part of the settings that can be had by itself: its options stand together on the help screen.
///
/// Its initialiser is at once the declaration of its options and the place where their values are
/// read, so it asks for each of them, always, in the order of the help screen:
///
/// ```swift
/// minEndpoint = try options.integer(
///   .init("min-endpoint", .integer(1...100_000), default: "1", unit: "replicas", help: "…"))
/// ```
package protocol SettingsSection: Sendable, Equatable {
  /// The title on the help screen.
  static var title: String { get }

  /// Declares the options and reads their values.
  init(_ options: inout OptionReader) throws(SettingsError)

  /// Checks what must hold between the options of the section.
  static func check(_ options: OptionReader) throws(SettingsError)
}

extension SettingsSection {
  package static func check(_ options: OptionReader) throws(SettingsError) {}
}

/// A section's options.
public struct OptionSection: Sendable {
  /// The title of the section.
  public let title: String
  /// The options in the order in which they are listed.
  public let options: [PlannerOption]

  /// The options that `section` asks for.
  package init(of section: (some SettingsSection).Type) {
    var reader = OptionReader([])
    _ = try? section.init(&reader)
    title = section.title
    options = reader.options
  }
}

/// The one table of the options of `run`.
public enum OptionTable {
  /// Every section, in the order of the help screen.
  public static let sections: [OptionSection] = [
    OptionSection(of: CommonSettings.self), OptionSection(of: ThroughputSettings.self),
    OptionSection(of: SizingSettings.self), OptionSection(of: LoadSettings.self),
    OptionSection(of: DampingSettings.self), OptionSection(of: StateSettings.self),
    OptionSection(of: SourceSettings.self), OptionSection(of: ConnectorSettings.self),
    OptionSection(of: OutputSettings.self),
  ]

  /// Every option, in the order of the help screen.
  public static let options: [PlannerOption] = sections.flatMap(\.options)
}
