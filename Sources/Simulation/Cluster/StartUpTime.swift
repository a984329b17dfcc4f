#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Seconds from the order of a worker until it takes requests.
public enum StartUpTime: Sendable, Equatable {
  /// Always as many.
  case fixed(Double)
  /// Log-normal: half of the starts are faster than the median; `deviation` is the standard
  /// deviation of the logarithm.
  case logNormal(median: Double, deviation: Double)
  /// Each time between two as likely.
  case uniform(Double, Double)

  /// Seconds that nine starts in ten keep within: what somebody who knows the workers counts on.
  public var usualSeconds: Double {
    switch self {
    case .fixed(let seconds): seconds
    // 1.2816 is the 0.9 quantile of a standard normal number.
    case .logNormal(let median, let deviation): median * exp(1.2816 * deviation)
    case .uniform(let low, let high): low + 0.9 * (high - low)
    }
  }

  /// Whether every start takes a finite time of at least 0 s.
  var isUsable: Bool {
    switch self {
    case .fixed(let seconds): seconds.isFinite && seconds >= 0
    case .logNormal(let median, let deviation):
      // exp(30) hours are more than any trace lasts.
      median.isFinite && median >= 0 && (0...30).contains(deviation)
    case .uniform(let low, let high): low >= 0 && low <= high && high.isFinite
    }
  }

  /// Whether a worker is there at once, always.
  var isInstant: Bool { self == .fixed(0) }

  func draw(_ random: inout SimulationRandom) -> Double {
    switch self {
    case .fixed(let seconds): seconds
    case .logNormal(let median, let deviation): median * exp(deviation * random.normal())
    case .uniform(let low, let high): low + (high - low) * random.uniform()
    }
  }
}
