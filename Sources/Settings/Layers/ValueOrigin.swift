/// Where a value was given; messages begin with it.
public enum ValueOrigin: Sendable, Equatable, CustomStringConvertible {
  /// On the command line, as the flag of this name.
  case flag(String)
  /// In the environment, as this variable.
  case environment(String)
  /// In a configuration file, under this key and, where it is known, in this line.
  case file(name: String, key: String, line: Int?)
  /// In a recording that is being replayed.
  case recording(String)
  /// Nowhere: the default.
  case standard(String)

  /// The place, as it can begin a sentence.
  public var description: String {
    switch self {
    case .flag(let name): "--\(name)"
    case .environment(let name): "The environment variable \(name)"
    case .file(let name, let key, let line):
      "\(name): '\(key)'" + (line.map { " (line \($0))" } ?? "")
    case .recording(let name): "The recorded option '\(name)'"
    case .standard(let name): "The default of '\(name)'"
    }
  }
}
