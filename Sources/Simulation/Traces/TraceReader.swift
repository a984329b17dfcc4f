/// Reads a trace piece by piece, compressed or not, so that a file of any size costs no more memory
/// than the requests in it.
///
/// ```swift
/// var reader = TraceReader(format: nil, rules: TraceRules())
/// while let bytes = next() { try reader.read(bytes) }
/// let (trace, skipped) = try reader.finish()
/// ```
public struct TraceReader {
  /// What a reader left out.
  public struct Skipped: Sendable, Equatable {
    /// Lines left out.
    public var count = 0
    /// The first few of them, with what is wrong.
    public var examples: [String] = []

    /// Nothing left out yet.
    public init() {}

    mutating func add(_ line: Int, _ fault: LineFault) {
      count += 1
      if examples.count < 5 { examples.append("\(TraceError.line(line, fault))") }
    }
  }

  private var lines: TraceLines
  private var gzip: GzipStream?
  private var head: [UInt8] = []
  private var isCompressed: Bool?

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - format: how the trace is written; nil to tell it from the first line (Mooncake and Azure).
  ///   - rules: what is done about lines that can't be used.
  public init(format: TraceFormat? = nil, rules: TraceRules = TraceRules()) {
    lines = TraceLines(format: format, rules: rules)
  }

  /// Reads the next bytes of the file.
  ///
  /// - Throws: ``TraceError`` for the first thing that is wrong and not to be skipped.
  public mutating func read(_ bytes: [UInt8]) throws(TraceError) {
    guard let isCompressed else {
      head += bytes
      if head.count >= ForeignEncoding.headBytes { try begin() }
      return
    }
    if isCompressed { try unpack(bytes) } else { try lines.read(bytes[...]) }
  }

  /// Ends the file and returns its requests, the first one at time zero.
  public mutating func finish() throws(TraceError) -> (trace: RequestTrace, skipped: Skipped) {
    if isCompressed == nil { try begin() }
    if let gzip, !gzip.isComplete { throw .gzipCutOff(line: lines.complete) }
    return try lines.finish()
  }

  private mutating func begin() throws(TraceError) {
    let bytes = head
    head = []
    isCompressed = GzipStream.begins(bytes[...])
    if isCompressed == false { try ForeignEncoding.refuse(bytes[...]) }
    if isCompressed == true {
      do {
        gzip = try GzipStream()
      } catch {
        throw .gzipDamaged(line: 0, reason: Self.reason(error))
      }
    }
    try read(bytes)
  }

  private mutating func unpack(_ bytes: [UInt8]) throws(TraceError) {
    guard let gzip else { return }
    let failure = try gzip.unpack(bytes) { (unpacked) throws(TraceError) in
      try lines.read(unpacked)
    }
    if let failure { throw .gzipDamaged(line: lines.complete, reason: Self.reason(failure)) }
  }

  private static func reason(_ failure: GzipStream.Failure) -> String {
    switch failure {
    case .damaged(let reason): reason
    }
  }
}
