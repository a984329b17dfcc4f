/// Where the configuration is to be had from, as `--config` or `SLA_PLANNER_CONFIG` says.
public enum ConfigurationSource: Sendable, Equatable {
  /// A file at this path, which the caller reads.
  case file(path: String)
  /// The value is the configuration itself, in JSON: Dynamo's planner takes that too.
  case inline(String)

  /// What was asked for, the flag before the environment; nil for no configuration.
  public static func given(
    flags: [String: String], environment: [String: String]
  ) -> ConfigurationSource? {
    let option = OutputSettings.configuration
    let texts = [flags[option.name], environment[PlannerOption.variable(for: option.name)]]
    guard let text = texts.compactMap({ $0?.trimmed }).first(where: { !$0.isEmpty })
    else { return nil }
    return text.hasPrefix("{") ? .inline(text) : .file(path: text)
  }
}
