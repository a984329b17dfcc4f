/// One option of `run`: all that flags, environment, configuration file, recordings and help know
/// of it.
///
/// An option is declared where its section reads it (``SettingsSection``), and named like its flag,
/// without the dashes.
public struct PlannerOption: Sendable {
  /// How an option is given on the command line.
  public enum FlagStyle: Sendable, Equatable {
    /// `--name value`.
    case value
    /// `--name` alone.
    case toggle
    /// `--enable-name` and `--disable-name`.
    case pair
    /// Not at all: secrets would show in the process list.
    case none
  }

  /// The option's name, as in `--name`.
  public let name: String
  /// What values it takes.
  public let kind: ValueKind
  /// The value it has when nobody gives one, as text; nil for none.
  public let standard: String?
  /// The unit or the placeholder of its value, for help and messages; empty for none.
  public let unit: String
  /// How it is given on the command line.
  public let flagStyle: FlagStyle
  /// Other names of it.
  public let aliases: [OptionAlias]
  /// Environment variables besides `SLA_PLANNER_<NAME>`, which goes first.
  public let environment: [String]
  /// Whether its value must never be shown or recorded.
  public let isSecret: Bool
  /// Whether a recording keeps its value. Not so for what steers recording itself.
  public let isRecorded: Bool
  /// What it does, for the help screen.
  public let help: String

  init(
    _ name: String, _ kind: ValueKind, default standard: String? = nil, unit: String = "",
    flag flagStyle: FlagStyle? = nil, aliases: [OptionAlias] = [], environment: [String] = [],
    isSecret: Bool = false, isRecorded: Bool = true, help: String
  ) {
    self.name = name
    self.kind = kind
    self.standard = standard
    self.unit = unit
    self.aliases = aliases
    self.environment = environment
    self.isSecret = isSecret
    self.isRecorded = isRecorded && !isSecret
    self.help = help
    let isPair = aliases.contains { $0.isInverted && $0.scope == .flag }
    self.flagStyle =
      flagStyle ?? (isSecret ? .none : kind != .boolean ? .value : isPair ? .pair : .toggle)
  }

  /// Whether the short help shows it; the whole one shows every option.
  public var isCommon: Bool { Self.common.contains(name) }

  /// What most set-ups set.
  private static let common: Set<String> = [
    "namespace", "deployment", "environment", "mode", "ttft", "itl", "max-gpu-budget",
    "min-endpoint", "no-operation", "adjustment-interval", "profile-results-dir",
    "load-predictor", "sizing", "enable-loadbased-scaling", "loadbased-router-metrics-url",
    "calendar", "state", "prometheus-endpoint", "prometheus-header", "config", "repeat-for",
    "output", "log-level",
  ]

  /// How a message calls the option: by its flag, else by its environment variable.
  public var spelling: String {
    flagStyle != .none ? "--\(name)" : environment.first ?? Self.variable(for: name)
  }

  /// The help text with the default.
  public var helpWithDefault: String {
    guard let standard, flagStyle == .value else { return help }
    return "\(help) (default: \(standard))"
  }

  /// The names under which the environment may give the option, with whether they invert it:
  /// the planner's own ones.
  var ownVariables: [(name: String, isInverted: Bool)] {
    [(Self.variable(for: name), false)]
      + aliases.filter { $0.scope == .flag }.map { (Self.variable(for: $0.name), $0.isInverted) }
  }

  /// The keys under which a configuration file may give the option, with whether they invert it.
  var fileKeys: [(key: String, isInverted: Bool)] {
    [(Self.fileKey(for: name), false)]
      + aliases.map { (Self.fileKey(for: $0.name), $0.isInverted) }
  }

  /// `SLA_PLANNER_<NAME>` for an option or alias called `name`.
  static func variable(for name: String) -> String {
    variablePrefix + respelt(name, upperCase: true)
  }

  /// What every environment variable of the planner's own starts with.
  static let variablePrefix = "SLA_PLANNER_"

  /// `name` with `_` for `-`, as configuration files may spell it.
  static func fileKey(for name: String) -> String { respelt(name, upperCase: false) }

  private static func respelt(_ name: String, upperCase: Bool) -> String {
    let dash = UInt8(ascii: "-")
    let lowerCase = UInt8(ascii: "a")...UInt8(ascii: "z")
    let bytes = name.utf8.map { byte in
      byte == dash ? UInt8(ascii: "_") : upperCase && lowerCase.contains(byte) ? byte - 32 : byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Another name of an option.
public struct OptionAlias: Sendable, Equatable {
  /// Where a name counts.
  public enum Scope: Sendable {
    /// As a flag, and so also as environment variable and file key.
    case flag
    /// Only as a key of the configuration file: a field name of the Dynamo planner.
    case file
  }

  /// The name, as in `--name`.
  public let name: String
  /// Where it counts.
  public let scope: Scope
  /// Whether *true* under this name means *false* for the option.
  public let isInverted: Bool

  static func flag(_ name: String, isInverted: Bool = false) -> OptionAlias {
    OptionAlias(name: name, scope: .flag, isInverted: isInverted)
  }

  static func file(_ name: String, isInverted: Bool = false) -> OptionAlias {
    OptionAlias(name: name, scope: .file, isInverted: isInverted)
  }
}
