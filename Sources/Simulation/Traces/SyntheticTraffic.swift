#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Made-up traffic: a daily swing, slow random drift and bursts, with log-normal lengths.
///
/// Arrivals are a Poisson process whose rate is, at each second,
/// `swing(t) × drift(t) × burst(t)`:
/// - *swing*: a raised cosine between ``troughShare`` × ``peakRate`` (at 0 h) and ``peakRate``
///   (at 12 h of each day);
/// - *drift*: a factor whose logarithm is an autoregression with the standard deviation ``drift``
///   and a memory of 15 minutes;
/// - *burst*: ``burstsPerHour`` on average, each of which multiplies the rate by up to
///   1 + 2 × ``burstStrength`` (mean 1 + ``burstStrength``) for an exponential time with mean
///   ``burstSeconds``.
public struct SyntheticTraffic: Sendable, Equatable {
  /// Length in seconds, above 0.
  public var seconds: Double
  /// Requests a second at the top of the daily swing, without drift and bursts.
  public var peakRate: Double
  /// Rate at the bottom of the swing as a share of ``peakRate``, 0…1.
  public var troughShare: Double
  /// Standard deviation of the drift's logarithm.
  public var drift: Double
  /// Bursts an hour.
  public var burstsPerHour: Double
  /// Mean of what a burst adds, as a multiple of the rate.
  public var burstStrength: Double
  /// Mean length of a burst in seconds.
  public var burstSeconds: Double
  /// Mean input sequence length in tokens.
  public var meanISL: Double
  /// Mean output sequence length in tokens.
  public var meanOSL: Double
  /// Coefficient of variation of both lengths.
  public var lengthVariation: Double

  /// Creates traffic; the defaults are a day of chat.
  public init(
    seconds: Double = 86_400, peakRate: Double = 20, troughShare: Double = 0.2,
    drift: Double = 0.1, burstsPerHour: Double = 2, burstStrength: Double = 0.5,
    burstSeconds: Double = 120, meanISL: Double = 2000, meanOSL: Double = 250,
    lengthVariation: Double = 1
  ) {
    self.seconds = seconds
    self.peakRate = peakRate
    self.troughShare = troughShare
    self.drift = drift
    self.burstsPerHour = burstsPerHour
    self.burstStrength = burstStrength
    self.burstSeconds = burstSeconds
    self.meanISL = meanISL
    self.meanOSL = meanOSL
    self.lengthVariation = lengthVariation
  }

  /// Longest sequence made, in tokens: the tail of the log-normal is cut here.
  static let longestSequence = 32_768.0

  /// The requests; the same for the same seed.
  ///
  /// - Throws: ``TraceError`` when there would be none, or too many.
  public func trace(seed: UInt64) throws(TraceError) -> RequestTrace {
    guard seconds <= TraceShaping.longestTrace else { throw .tooLong(seconds) }
    let expected = seconds * peakRate * (1 + burstStrength)
    guard expected <= Double(RequestTrace.mostRequests) else {
      throw .tooManyRequests(Int(min(expected, 1e18)))
    }
    var rates = RateProcess(self, seed: seed)
    var random = SimulationRandom(seed: seed, stream: 3)
    var trace = RequestTrace()
    for second in 0..<Int(seconds.rounded(.up)) {
      let start = Double(second)
      let rate = rates.next(at: start)
      guard rate > 0 else { continue }
      var time = start + random.exponential(mean: 1 / rate)
      while time < min(start + 1, seconds) {
        trace.append(
          arrival: time, isl: length(mean: meanISL, &random), osl: length(mean: meanOSL, &random))
        time += random.exponential(mean: 1 / rate)
      }
      guard trace.count <= RequestTrace.mostRequests else { throw .tooManyRequests(trace.count) }
    }
    guard !trace.isEmpty else { throw .empty(skippedLines: 0) }
    return trace
  }

  private func length(mean: Double, _ random: inout SimulationRandom) -> Int32 {
    let length =
      lengthVariation > 0
      ? random.logNormal(mean: mean, variation: lengthVariation) : mean
    return Int32(min(max(length.rounded(), 1), Self.longestSequence))
  }
}

/// The rate of synthetic traffic, second by second.
private struct RateProcess {
  private let traffic: SyntheticTraffic
  private var random: SimulationRandom
  private var logDrift = 0.0
  private var bursts: [(end: Double, factor: Double)] = []

  init(_ traffic: SyntheticTraffic, seed: UInt64) {
    self.traffic = traffic
    random = SimulationRandom(seed: seed, stream: 2)
    logDrift = traffic.drift * random.normal()
  }

  mutating func next(at time: Double) -> Double {
    let memory = exp(-1.0 / 900)
    logDrift =
      memory * logDrift + traffic.drift * (1 - memory * memory).squareRoot() * random.normal()
    if random.uniform() < traffic.burstsPerHour / 3600 {
      bursts.append(
        (
          time + random.exponential(mean: traffic.burstSeconds),
          2 * traffic.burstStrength * random.uniform()
        ))
    }
    bursts.removeAll { $0.end <= time }
    let swing = (1 - cos(2 * .pi * time / 86_400)) / 2
    let base = traffic.peakRate * (traffic.troughShare + (1 - traffic.troughShare) * swing)
    return base * exp(logDrift) * (1 + bursts.reduce(0) { $0 + $1.factor })
  }
}
