extension RunSettings {
  /// Makes the settings out of everything that was given.
  ///
  /// - Throws: the first thing that is wrong.
  public init(_ given: GivenSettings, isReplay: Bool = false) throws(SettingsError) {
    var reader = OptionReader(given.layers)
    self = try RunSettings(&reader)
    try check()
    // A recording holds no secrets, so a user's password is missing there, and nobody needs it.
    guard !isReplay else { return }
    try SourceSettings.check(reader)
    try ConnectorSettings.check(reader)
  }

  /// The settings out of everything that was given, as ``GivenSettings`` takes it, and what a person
  /// should know: fields and variables that were ignored, and what replaces them.
  ///
  /// - Throws: the first thing that is wrong.
  public static func resolve(
    flags: [String: String], recorded: [String: String] = [:], environment: [String: String],
    file: ConfigurationFile? = nil
  ) throws(SettingsError) -> (settings: RunSettings, warnings: [String]) {
    let given = try GivenSettings(
      flags: flags, recorded: recorded, environment: environment, file: file)
    return (try RunSettings(given, isReplay: !recorded.isEmpty), given.warnings)
  }
}
