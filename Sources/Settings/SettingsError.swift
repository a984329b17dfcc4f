/// Why there are no settings to run with.
public enum SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A value is not what its option takes; `complaint` says what that is.
  case invalidValue(ValueOrigin, value: String, complaint: String, hasDefault: Bool)
  /// Two names of one option were given in one place, with different values.
  case contradiction(ValueOrigin, ValueOrigin)
  /// An option without a default was not given.
  case missingValue(option: String)
  /// The configuration file has a key that nobody knows.
  case unknownKey(ValueOrigin, nearest: String)
  /// The configuration file has a field of Dynamo's that can't be followed.
  case unsupportedKey(ValueOrigin, instead: String)
  /// A key of the configuration file holds a list or a table.
  case nestedValue(ValueOrigin)
  /// The configuration file is not a table in YAML or JSON.
  case unreadableFile(name: String, reason: String)
  /// A recording names an option that this version doesn't have.
  case unknownRecordedOption(String)
  /// The values don't go together.
  case rule(SettingsRule)

  /// The exit code of the process (sysexits): 64 when a flag's value is wrong, else 78.
  public var exitCode: Int32 {
    switch self {
    case .invalidValue(.flag, _, _, _): 64
    default: 78
    }
  }

  /// What is wrong, the rule, the value seen and what to do, as a sentence.
  public var description: String {
    switch self {
    case .invalidValue(let origin, let value, let complaint, let hasDefault):
      "\(origin) is '\(value)', \(complaint)."
        + (hasDefault ? " Correct it, or leave it out for the default." : "")
    case .contradiction(let first, let second):
      "\(first) and \(second) set the same option to different values. Keep one of them."
    case .missingValue(let option):
      "\(option) has no value. Give it one."
    case .unknownKey(let origin, let nearest):
      "\(origin) is not a known key; did you mean '\(nearest)'?"
    case .unsupportedKey(let origin, let instead):
      "\(origin) can't be followed: \(instead). Remove it once the deployment is safe without it."
    case .nestedValue(let origin):
      "\(origin) holds a list or a table, but has to be a single value. Keys stand at the top level of the file, and lists are texts with commas."
    case .unreadableFile(let name, let reason):
      "The configuration file '\(name)' can't be read: \(reason)."
    case .unknownRecordedOption(let name):
      "The recording sets '\(name)', which this version doesn't know. Replay it with the version that made it."
    case .rule(let rule):
      rule.description
    }
  }
}
