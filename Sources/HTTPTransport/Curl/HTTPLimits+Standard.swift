extension HTTPLimits {
  /// The client's own limits: 5 s to connect, 15 s for an answer of at most 64 MiB, 3 attempts.
  public static let standard = HTTPLimits(
    connectTimeoutSeconds: 5, totalTimeoutSeconds: 15, maximumBodyBytes: 64 << 20, attempts: 3)

  /// These limits, with those that are nil or make no sense (NaN, not above 0) from `other`.
  func filled(from other: HTTPLimits) -> HTTPLimits {
    func seconds(_ own: Double?, _ other: Double?) -> Double? {
      own.flatMap { $0 > 0 ? $0 : nil } ?? other
    }
    return HTTPLimits(
      connectTimeoutSeconds: seconds(connectTimeoutSeconds, other.connectTimeoutSeconds),
      totalTimeoutSeconds: seconds(totalTimeoutSeconds, other.totalTimeoutSeconds),
      maximumBodyBytes: maximumBodyBytes ?? other.maximumBodyBytes,
      attempts: attempts ?? other.attempts)
  }
}
