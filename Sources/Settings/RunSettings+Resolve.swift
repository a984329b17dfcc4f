extension RunSettings {
  /// Makes the settings out of everything that was given: a flag goes before the recording that is
  /// replayed, that before the environment, that before the configuration file, that before the
  /// default. It touches nothing outside: whether a file exists is found out by who reads it.
  ///
  /// - Parameters:
  ///   - flags: values by the flags' names without dashes; `true` and `false` for switches.
  ///   - recorded: ``recordedLayer`` of the run that is replayed.
  ///   - environment: the process's environment variables; leave them out in a replay, or they
  ///     fill in what the recorded run did without.
  ///   - file: the configuration file.
  /// - Returns: the settings, and what a person should know: fields and variables that were
  ///   ignored, and what replaces them.
  /// - Throws: the first thing that is wrong.
  public static func resolve(
    flags: [String: String], recorded: [String: String] = [:], environment: [String: String],
    file: ConfigurationFile? = nil
  ) throws(SettingsError) -> (settings: RunSettings, warnings: [String]) {
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
    let values = try SettingsValues(layers)
    let settings = try RunSettings(values)
    try settings.check()
    // A recording holds no secrets, so a user's password is missing there, and nobody needs it.
    if recorded.isEmpty { try AccessRules.check(values) }
    return (settings, warnings)
  }
}
