/// An answer as it arrives, held to its limits.
struct CurlAnswer {
  /// Why an answer was broken off.
  enum Excess { case header, body, allBodies }

  private(set) var headers: [HTTPHeader] = []
  private(set) var body: [UInt8] = []
  private(set) var excess: Excess?
  /// Whether the empty line after the header has come.
  private(set) var isHeaderComplete = false
  /// What the body takes of the run's allowance.
  let share: BodyAllowance.Share
  private let maximumBodyBytes: Int
  private let maximumHeaderBytes = 256 << 10
  private var headerBytes = 0

  init(maximumBodyBytes: Int, allowance: BodyAllowance) {
    self.maximumBodyBytes = maximumBodyBytes
    share = BodyAllowance.Share(of: allowance)
  }

  /// Takes one line of the header; false when the transfer must stop.
  mutating func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headerBytes += bytes.count
    guard headerBytes <= maximumHeaderBytes else {
      excess = .header
      return false
    }
    // What follows a body in chunks (trailers) is of no use here.
    guard body.isEmpty else { return true }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // A new answer begins: after "100 Continue" comes the one that counts.
      headers = []
      isHeaderComplete = false
    } else if line == "\r\n" || line == "\n" {
      isHeaderComplete = true
    } else if line.first == " " || line.first == "\t", let last = headers.indices.last {
      headers[last].value += " " + Self.trimmed(line)
    } else if let colon = line.firstIndex(of: ":") {
      headers.append(
        HTTPHeader(Self.trimmed(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
    }
    return true
  }

  /// Takes a piece of the decompressed body; false when the transfer must stop.
  mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if body.isEmpty {
      let announced = announcedBytes
      if let announced, announced > maximumBodyBytes { excess = .body }
      body.reserveCapacity(min(announced ?? 0, maximumBodyBytes))
    }
    if bytes.count > maximumBodyBytes - body.count { excess = .body }
    if excess == nil, !share.grow(by: bytes.count) { excess = .allBodies }
    guard excess == nil else { return false }
    body.append(contentsOf: bytes)
    return true
  }

  /// The size of the body that the header tells; nil if it tells none, or that of another form.
  private var announcedBytes: Int? {
    func value(_ name: String) -> String? {
      headers.last { $0.name.lowercased() == name }?.value
    }
    guard value("content-encoding") == nil else { return nil }
    return value("content-length").flatMap { Int($0) }.map { max(0, $0) }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var rest = Substring(text)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
