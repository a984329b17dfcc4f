import NumericalMethods

/// How far forecasts of the request rate were off, each judged once its interval has been seen.
struct ForecastErrors: Sendable, Equatable {
  /// The errors of one way to forecast.
  struct Tally: Sendable, Equatable {
    private(set) var count = 0
    private var sum = 0.0
    private var absolute = 0.0
    private var squared = 0.0
    private var observed = 0.0

    /// - Parameter error: observed less forecast, requests a second.
    mutating func add(error: Double, observed: Double) {
      count += 1
      sum += error
      absolute += error.magnitude
      squared += error * error
      self.observed += observed
    }

    /// Mean error: above 0 when forecasts were too low.
    var bias: Double { sum / Double(count) }
    /// Mean absolute error.
    var meanAbsolute: Double { absolute / Double(count) }
    /// Root of the mean squared error.
    var rootMeanSquare: Double { (squared / Double(count)).squareRoot() }
    /// Absolute errors as a share of all traffic; nil without traffic.
    var share: Double? { observed > 0 ? absolute / observed : nil }
  }

  /// A predictor and, on the same intervals, the value of the interval before as the forecast.
  struct Comparison: Sendable, Equatable {
    var predictor = Tally()
    var lastValue = Tally()
  }

  /// Errors that the interval of a forecast looks back on, and the fewest it needs.
  static let window = 100
  static let fewest = 20
  /// Forecasts that wait for their interval at most: those of intervals that nobody observed go.
  private static let mostPending = 64

  /// By the predictor's name.
  private(set) var byPredictor: [String: Comparison] = [:]
  private var pending: [(end: Int, predictor: String, rate: Double)] = []
  private var past = SlidingSample(capacity: window)
  private var before: (end: Int, rate: Double)?

  /// A forecast of the interval that ends at `end`; a later one replaces it.
  mutating func expect(_ rate: Double, predictor: String, end: Int) {
    guard rate.isFinite else { return }
    pending.removeAll { $0.end == end }
    pending.append((end, predictor, rate))
    if pending.count > Self.mostPending { pending.removeFirst() }
  }

  /// Nine in ten past errors around `rate`; nil while too few are known.
  func interval(around rate: Double) -> ClosedRange<Double>? {
    guard past.count >= Self.fewest else { return nil }
    let low = max(0, rate + past.quantile(0.05))
    return low...max(low, rate + past.quantile(0.95))
  }

  /// What the interval that ends at `end` turned out to be.
  ///
  /// - Returns: the absolute errors of the forecast and of the value before it, where both are known.
  mutating func observe(
    _ rate: Double, end: Int, intervalSeconds: Int
  ) -> (predictor: Double, lastValue: Double)? {
    defer {
      pending.removeAll { $0.end <= end }
      before = (end, rate)
    }
    guard rate.isFinite, let expected = pending.first(where: { $0.end == end }) else { return nil }
    past.add(rate - expected.rate)
    guard let before, before.end == end - intervalSeconds else { return nil }
    var comparison = byPredictor[expected.predictor] ?? Comparison()
    comparison.predictor.add(error: rate - expected.rate, observed: rate)
    comparison.lastValue.add(error: rate - before.rate, observed: rate)
    byPredictor[expected.predictor] = comparison
    return ((rate - expected.rate).magnitude, (rate - before.rate).magnitude)
  }

  static func == (left: Self, right: Self) -> Bool {
    left.byPredictor == right.byPredictor && left.past == right.past
  }
}

/// The newest values of a stream, also in the order of their size.
struct SlidingSample: Sendable, Equatable {
  private let capacity: Int
  private var values: [Double] = []
  private var oldest = 0
  private var sorted: [Double] = []

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { values.count }

  /// The mean; nil when there is no value.
  var mean: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }

  /// Adds a finite value, forgetting the oldest beyond the capacity.
  mutating func add(_ value: Double) {
    if values.count < capacity {
      values.append(value)
    } else {
      sorted.remove(at: position(of: values[oldest]))
      values[oldest] = value
      oldest = (oldest + 1) % capacity
    }
    sorted.insert(value, at: position(of: value))
  }

  /// The nearest-rank quantile; 0 when there is no value.
  func quantile(_ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let rank = (share * Double(sorted.count)).rounded(.up) - 1
    return sorted[min(max(0, Int(rank)), sorted.count - 1)]
  }

  private func position(of value: Double) -> Int {
    bisect(-1, sorted.count) { sorted[$0] < value }.high
  }
}
