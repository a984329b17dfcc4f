/// Everything that was given, in layers: a flag goes before the recording that is replayed, that
/// before the environment, that before the configuration file, that before the default.
///
/// ```swift
/// let given = try GivenSettings(flags: ["namespace": "chat"])
/// let namespace = try given.read(CommonSettings.self).dynamoNamespace
/// ```
public struct GivenSettings: Sendable {
  /// What a person should know: fields and variables that were ignored, and what replaces them.
  public let warnings: [String]
  let layers: [SettingsLayer]

  /// Takes what was given. It touches nothing outside: whether a file exists is found out by who
  /// reads it.
  ///
  /// - Parameters:
  ///   - flags: values by the flags' names without dashes; `true` and `false` for switches, and one
  ///     value a line for what can be repeated.
  ///   - recorded: ``RunSettings/recordedLayer`` of the run that is replayed.
  ///   - environment: the process's environment variables; leave them out in a replay, or they
  ///     fill in what the recorded run did without.
  ///   - file: the configuration file.
  /// - Throws: for names that nobody knows, and for two names of one option that disagree.
  public init(
    flags: [String: String], recorded: [String: String] = [:], environment: [String: String] = [:],
    file: ConfigurationFile? = nil
  ) throws(SettingsError) {
    var layers = [
      try SettingsLayer.flags(flags), try SettingsLayer.recorded(recorded),
      try SettingsLayer.environment(environment),
    ]
    var warnings = SettingsLayer.misspelt(in: environment)
    if let file {
      let (layer, fileWarnings) = try SettingsLayer.file(file)
      layers.append(layer)
      warnings += fileWarnings
    }
    self.layers = layers
    self.warnings = warnings
  }

  /// The values of one section. What is wrong elsewhere doesn't matter.
  ///
  /// - Throws: the first thing that is wrong in the section.
  package func read<Section: SettingsSection>(
    _ section: Section.Type = Section.self
  ) throws(SettingsError) -> Section {
    var reader = OptionReader(layers)
    let values = try Section(&reader)
    try Section.check(reader)
    return values
  }

  /// The value of one option that takes a number; nil when it has none.
  package func number(of option: PlannerOption) throws(SettingsError) -> Double? {
    var reader = OptionReader(layers)
    return try reader.optionalNumber(option)
  }

  /// The value of one option that takes text; nil when it has none.
  public func text(of option: PlannerOption) throws(SettingsError) -> String? {
    var reader = OptionReader(layers)
    return try reader.optionalText(option)
  }
}
