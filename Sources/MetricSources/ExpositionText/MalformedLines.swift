/// The lines of a page that could not be read: how many, and the first few of them.
public struct MalformedLines: Sendable, Equatable {
  /// One unreadable line.
  public struct Example: Sendable, Equatable {
    /// The line's number, from 1.
    public let line: Int
    /// How it starts, made printable.
    public let start: String
  }

  /// How many lines could not be read.
  public private(set) var count = 0
  /// The first of them, at most three.
  public private(set) var examples: [Example] = []

  /// A sentence that names them; nil when there are none.
  public var summary: String? {
    guard count > 0 else { return nil }
    let named = examples.map { "line \($0.line) \($0.start)" }.joined(separator: ", ")
    return count == 1
      ? "1 line of the page could not be read: \(named)."
      : "\(count) lines of the page could not be read, the first: \(named)."
  }

  mutating func add(line: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
    count += 1
    if examples.count < 3 {
      examples.append(Example(line: line, start: Excerpt.of(bytes, limit: 60)))
    }
  }
}
