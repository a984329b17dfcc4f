/// Forecasts by a Prophet model of the last values; before it has seen five, by the last one.
///
/// Its state is the window of values alone, and every forecast fits the window afresh, which takes
/// less time than decoding the state does. So a forecast depends on nothing but the window: not on
/// what was asked before, nor on how often the state was saved and loaded in between. A value may
/// be negative; ``SeriesPredictor`` bounds it.
public struct ProphetPredictor: LoadPredictor {
  /// Values below which the last value is the forecast, as in the original planner.
  public static let minimumPoints = 5

  private let window: Int
  private let intervalSeconds: Int
  private var times: [Int] = []
  private var values: [Double] = []

  /// Creates a predictor that has seen nothing.
  ///
  /// - Parameters:
  ///   - window: values that the model is fitted to, at least 1.
  ///   - intervalSeconds: distance from one interval's end to the next, at least 1.
  public init(window: Int, intervalSeconds: Int) {
    self.window = max(1, window)
    self.intervalSeconds = max(1, intervalSeconds)
  }

  /// Creates a predictor that has seen nothing.
  public init(settings: PredictorSettings) {
    self.init(window: settings.prophetWindow, intervalSeconds: settings.intervalSeconds)
  }

  /// Takes a value into the window, and the oldest one out of a full one.
  ///
  /// A value that is not finite, and one whose interval is not later than the last one's, is
  /// refused: nothing changes.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    guard value.isFinite, abs(Double(intervalEnd)) <= 0x1p52 else { return }
    if let last = times.last, intervalEnd <= last { return }
    times.append(intervalEnd)
    values.append(value)
    if times.count > window {
      times.removeFirst(times.count - window)
      values.removeFirst(values.count - window)
    }
  }

  /// The model's values at the ends of the next intervals, counted from the newest interval seen;
  /// empty before the first value.
  public func forecast(steps: Int) -> [Double] {
    forecasts(steps: steps) { $0.forecast(at: $1) }
  }

  /// Values that a share `quantile` of the next intervals' values would be below, see
  /// ``ProphetModel/forecast(at:quantile:)``; the last value where there is no model yet.
  public func forecast(steps: Int, quantile: Double) -> [Double] {
    forecasts(steps: steps) { $0.forecast(at: $1, quantile: quantile) }
  }

  /// The model of the window; nil while there are too few values.
  public var model: ProphetModel? {
    guard values.count >= Self.minimumPoints else { return nil }
    return try? ProphetModel(times: times, values: values)
  }

  /// Rate, offset and noise of the scaled window, its scale and the number of changes of the trend.
  public var summary: ModelSummary {
    guard !values.isEmpty else { return ModelSummary() }
    guard let model else {
      return ModelSummary(
        note: "Fewer than \(Self.minimumPoints) values seen: the forecast is the last value.")
    }
    let names = model.seasonalities.map(\.rawValue)
    return ModelSummary(
      parameters: [
        .init("k", model.parameters.k), .init("m", model.parameters.m),
        .init("sigma_obs", model.parameters.sigma), .init("y_scale", model.valueScale),
        .init("changepoints", Double(model.parameters.delta.count { $0 != 0 })),
      ],
      note: names.isEmpty ? nil : "Seasonalities: \(names.joined(separator: ", ")).")
  }

  private func forecasts(
    steps: Int, _ forecast: (ProphetModel, _ time: Int) -> Double
  ) -> [Double] {
    guard let last = values.last, let end = times.last, steps > 0 else { return [] }
    guard let model else { return [Double](repeating: last, count: steps) }
    return (1...steps).map { step in
      let (ahead, overflow) = step.multipliedReportingOverflow(by: intervalSeconds)
      let (time, late) = end.addingReportingOverflow(ahead)
      return forecast(model, overflow || late ? Int.max : time)
    }
  }
}
