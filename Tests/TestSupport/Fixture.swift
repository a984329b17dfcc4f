import Foundation

/// Finds the data that tests read, wherever the package was checked out.
public enum Fixture {
  /// The folder `Tests/Fixtures`.
  public static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures", isDirectory: true)

  /// The file at `path` below `Tests/Fixtures`.
  public static func url(_ path: String) -> URL { root.appendingPathComponent(path) }

  /// The bytes of the file at `path` below `Tests/Fixtures`.
  public static func data(_ path: String) throws -> Data { try Data(contentsOf: url(path)) }

  /// Decodes the JSON file at `path` below `Tests/Fixtures`; the golden files write
  /// non-finite numbers as the strings "NaN", "Infinity" and "-Infinity".
  public static func json<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try decoder.decode(type, from: try data(path))
  }
}
