#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Mean lengths of the requests that were completed lately.
struct RecentLengths: Codable, Sendable, Equatable {
  private static let paceSeconds = 30.0
  private var requests: [Component: Double] = [:]
  private var tokens: [Component: Double] = [:]

  /// Takes the requests of a step of so many seconds.
  mutating func observe(_ traffic: TrafficObservation, seconds: Double) {
    let kept = exp(-seconds / Self.paceSeconds)
    for (component, length) in [(Component.prefill, traffic.isl), (.decode, traffic.osl)] {
      guard let length, length.isFinite, length > 0, traffic.requestCount.isFinite,
        traffic.requestCount > 0
      else { continue }
      requests[component] = (requests[component] ?? 0) * kept + traffic.requestCount
      tokens[component] = (tokens[component] ?? 0) * kept + traffic.requestCount * length
    }
  }

  /// Mean length in the component's tokens; nil before any is known.
  func mean(_ component: Component) -> Double? {
    guard let requests = requests[component], let tokens = tokens[component] else { return nil }
    return tokens / requests
  }
}
