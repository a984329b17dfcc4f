/// The latencies of a range of requests, four bytes each.
struct LatencyLog: Sendable {
  /// The requests that are written down; others are not.
  let requests: Range<Int>
  private(set) var ttft: [Float]
  private(set) var itl: [Float]
  /// Requests of the range whose first token has not come.
  private(set) var withoutFirstToken: Int
  /// Requests of the range that are not done.
  private(set) var unfinished: Int

  init(requests: Range<Int>) {
    self.requests = requests
    ttft = Array(repeating: .nan, count: requests.count)
    itl = Array(repeating: .nan, count: requests.count)
    withoutFirstToken = requests.count
    unfinished = requests.count
  }

  mutating func setTTFT(_ milliseconds: Double, of request: Int) {
    guard requests.contains(request) else { return }
    ttft[request - requests.lowerBound] = Float(milliseconds)
    withoutFirstToken -= 1
  }

  /// Notes that a request is done.
  ///
  /// - Parameter milliseconds: its mean ITL; 0 for a request of one token, which has none.
  mutating func setITL(_ milliseconds: Double, of request: Int) {
    guard requests.contains(request) else { return }
    itl[request - requests.lowerBound] = Float(milliseconds)
    unfinished -= 1
  }

  /// Notes that a request was refused: it counts as done and has no latencies.
  mutating func refuse(_ request: Int) {
    guard requests.contains(request) else { return }
    ttft[request - requests.lowerBound] = -1
    withoutFirstToken -= 1
    unfinished -= 1
  }
}
