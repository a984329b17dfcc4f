/// Why a metric source can't be used as it is set up, or a page not read at all.
public enum MetricSourceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The address is not one that can be asked.
  case invalidEndpoint(String, reason: String)
  /// What was served is not a metrics page.
  case notMetrics(reason: String)

  /// What happened and what to do, as a sentence.
  public var description: String {
    switch self {
    case .invalidEndpoint(let endpoint, let reason):
      "'\(endpoint)' is not a usable Prometheus address: \(reason)."
    case .notMetrics(let reason):
      "The answer is not a metrics page: \(reason). Check the address, it usually ends in /metrics."
    }
  }
}
