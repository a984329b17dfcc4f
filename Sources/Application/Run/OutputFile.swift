#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file that a command writes besides what it prints.
package struct OutputFile {
  /// What messages call it: `report`, `plot`.
  var kind: String
  var path: String

  package init(kind: String, path: String) {
    self.kind = kind
    self.path = path
  }

  /// Writes the whole text, or nothing.
  ///
  /// - Throws: ``CommandFailure`` when it can't be written.
  package func write(_ text: String) throws {
    do {
      // Devices can't be replaced by a file, which is how it is done in one step.
      try Data(text.utf8).write(
        to: URL(fileURLWithPath: path), options: path.hasPrefix("/dev/") ? [] : .atomic)
    } catch {
      throw CommandFailure(
        .configuration,
        "The \(kind) '\(path)' can't be written; check that its folder exists and is writable.")
    }
  }
}
