import Planning

/// The traffic of a report: what was seen, what was expected, and how far apart they were.
struct TrafficSeries: Sendable {
  /// Intervals that the mean error of a moment looks back on.
  static let errorWindow = 20

  private(set) var rate: SeriesSampler
  private(set) var expectedRate: SeriesSampler
  private(set) var low: SeriesSampler
  private(set) var high: SeriesSampler
  private(set) var isl: SeriesSampler
  private(set) var expectedISL: SeriesSampler
  private(set) var osl: SeriesSampler
  private(set) var expectedOSL: SeriesSampler
  private(set) var ttft: SeriesSampler
  private(set) var itl: SeriesSampler
  private(set) var predictorError: SeriesSampler
  private(set) var lastValueError: SeriesSampler
  private(set) var errors = ForecastErrors()
  /// Intervals whose latency is known, and those of them within the target.
  private(set) var ttftIntervals = (known: 0, within: 0)
  private(set) var itlIntervals = (known: 0, within: 0)

  private let targets: LatencyTargets?
  private let intervalSeconds: Int
  private var newestEnd: Int?
  private var newestExpected: Int?
  private var recentPredictor = SlidingSample(capacity: errorWindow)
  private var recentLastValue = SlidingSample(capacity: errorWindow)

  init(_ grid: TimeGrid, heading: ReportHeading) {
    let empty = SeriesSampler(grid)
    rate = empty
    expectedRate = empty
    low = empty
    high = empty
    isl = empty
    expectedISL = empty
    osl = empty
    expectedOSL = empty
    ttft = empty
    itl = empty
    predictorError = empty
    lastValueError = empty
    targets = heading.targets
    intervalSeconds = heading.intervalSeconds ?? 1
  }

  /// Adds a forecast; of several for one interval the first is drawn and the last is judged.
  mutating func expect(_ forecast: ReportMoment.Forecast) {
    let expected = forecast.requestCount / Double(intervalSeconds)
    if newestExpected.map({ forecast.intervalEnd > $0 }) ?? true {
      let time = Double(forecast.intervalEnd)
      expectedRate.add(expected, at: time)
      expectedISL.add(forecast.isl, at: time)
      expectedOSL.add(forecast.osl, at: time)
      let interval = errors.interval(around: expected)
      low.add(interval?.lowerBound, at: time)
      high.add(interval?.upperBound, at: time)
      newestExpected = forecast.intervalEnd
    }
    errors.expect(expected, predictor: forecast.predictor, end: forecast.intervalEnd)
  }

  /// Says that a decision had nothing to forecast from.
  mutating func expectNothing(at time: Double) {
    expectedRate.add(nil, at: time)
    expectedISL.add(nil, at: time)
    expectedOSL.add(nil, at: time)
    low.add(nil, at: time)
    high.add(nil, at: time)
  }

  /// Adds an interval; one that is missing before it is a gap.
  mutating func observe(_ seen: TrafficObservation) {
    let time = Double(seen.intervalEnd)
    if let newestEnd, seen.intervalEnd - newestEnd > intervalSeconds { addGap(after: newestEnd) }
    newestEnd = seen.intervalEnd
    let observed = seen.requestCount / Double(intervalSeconds)
    rate.add(observed, at: time)
    isl.add(seen.isl, at: time)
    osl.add(seen.osl, at: time)
    ttft.add(seen.ttftMilliseconds, at: time)
    itl.add(seen.itlMilliseconds, at: time)
    count(seen.ttftMilliseconds, targets?.ttftMilliseconds, in: \.ttftIntervals)
    count(seen.itlMilliseconds, targets?.itlMilliseconds, in: \.itlIntervals)
    guard
      let error = errors.observe(
        observed, end: seen.intervalEnd, intervalSeconds: intervalSeconds)
    else { return }
    recentPredictor.add(error.predictor)
    recentLastValue.add(error.lastValue)
    predictorError.add(recentPredictor.mean, at: time)
    lastValueError.add(recentLastValue.mean, at: time)
  }

  private mutating func addGap(after end: Int) {
    let time = Double(end)
    rate.add(nil, at: time)
    isl.add(nil, at: time)
    osl.add(nil, at: time)
    ttft.add(nil, at: time)
    itl.add(nil, at: time)
    predictorError.add(nil, at: time)
    lastValueError.add(nil, at: time)
    // A planner that only lacked the traffic went on forecasting; one that did not run did not.
    if newestExpected.map({ $0 <= end + intervalSeconds }) ?? false {
      expectNothing(at: time + Double(intervalSeconds))
    }
  }

  private mutating func count(
    _ latency: Double?, _ target: Double?,
    in intervals: WritableKeyPath<TrafficSeries, (known: Int, within: Int)>
  ) {
    guard let latency, let target else { return }
    self[keyPath: intervals].known += 1
    self[keyPath: intervals].within += latency <= target ? 1 : 0
  }
}
