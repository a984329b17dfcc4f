import Yams

/// The keys and values of a configuration file, as they stand there.
public struct ConfigurationFile: Sendable, Equatable {
  /// What stands behind a key.
  public enum Value: Sendable, Equatable {
    /// A single value, as it is written (without quotes).
    case text(String)
    /// Null.
    case nothing
    /// A list or a table.
    case nested(DocumentTree)
  }

  /// One key with its value.
  public struct Entry: Sendable, Equatable {
    /// The key as it is spelt.
    public let key: String
    /// Its value.
    public let value: Value
    /// The line of the key, from 1; nil when it isn't known.
    public let line: Int?
  }

  /// What messages call the file.
  public let name: String
  /// The keys in the order of the file.
  public let entries: [Entry]

  /// Most bytes a configuration file may have.
  static let maximumBytes = 64 * 1024
  /// Most aliases (`*name`) it may use.
  static let maximumAliases = 12

  /// Reads a file's text. YAML and JSON are read alike: JSON is a part of YAML. An empty file has
  /// no entries.
  ///
  /// - Parameters:
  ///   - text: the whole file.
  ///   - name: what messages call it.
  /// - Throws: ``SettingsError/unreadableFile(name:reason:)``.
  public static func parse(_ text: String, name: String) throws(SettingsError) -> ConfigurationFile
  {
    func unreadable(_ reason: String) -> SettingsError {
      .unreadableFile(name: name, reason: reason)
    }
    let root: Node?
    do throws(YAMLText.Problem) {
      root = try YAMLText.compose(
        text, maximumBytes: maximumBytes, maximumAliases: maximumAliases)
    } catch {
      throw unreadable(error.reason)
    }
    guard let root, !YAMLText.isNull(root) else {
      return ConfigurationFile(name: name, entries: [])
    }
    guard case .mapping(let mapping) = root else {
      throw unreadable("it has to be a table of keys and values, like 'ttft: 500'")
    }
    var entries: [Entry] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        throw unreadable("a key has to be a single word, like 'ttft'")
      }
      entries.append(
        Entry(
          key: scalar.string, value: try read(value, unreadable), line: key.mark?.line))
    }
    return ConfigurationFile(name: name, entries: entries)
  }

  private static func read(
    _ node: Node, _ unreadable: (String) -> SettingsError
  ) throws(SettingsError) -> Value {
    guard case .scalar(let scalar) = node else {
      do throws(DocumentTree.Problem) {
        return .nested(try DocumentTree.tree(node, depth: 0))
      } catch {
        throw unreadable(error.description)
      }
    }
    return YAMLText.isNull(node) ? .nothing : .text(scalar.string)
  }
}
