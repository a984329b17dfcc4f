/// One of the models that ``AutomaticPredictor`` listens to.
enum Expert: String, Codable, Sendable, CaseIterable {
  case constant, kalman, arima, prophet, daily
  case median5 = "median-5"
  case median9 = "median-9"
  case median25 = "median-25"
  case median100 = "median-100"

  /// A fresh model: the one place that lists them.
  func makeModel(_ settings: PredictorSettings) -> any LoadPredictor {
    switch self {
    case .constant: ConstantPredictor()
    case .kalman: KalmanPredictor(settings: settings)
    case .arima: ARIMAPredictor(settings: settings)
    case .prophet: ProphetPredictor(settings: settings)
    case .daily: DailyNaivePredictor(intervalSeconds: settings.intervalSeconds)
    case .median5: RunningMedianPredictor(window: 5)
    case .median9: RunningMedianPredictor(window: 9)
    case .median25: RunningMedianPredictor(window: 25)
    case .median100: RunningMedianPredictor(window: 100)
    }
  }
}

extension Expert {
  /// Values that a model has to have seen before it is listened to: until then it repeats the last
  /// value, or is the same as a shorter running median, and what another says already must not be
  /// counted twice.
  func minimumValues(_ settings: PredictorSettings) -> Int {
    switch self {
    case .constant, .daily, .median5: 1
    case .kalman: settings.kalmanMinimumPoints
    case .arima: ARIMAPredictor.minimumPoints
    case .prophet: ProphetPredictor.minimumPoints
    case .median9: 6
    case .median25: 10
    case .median100: 26
    }
  }
}

/// A model with its record: what it forecast for the next interval and how large its errors were.
struct ExpertRecord: Sendable, Equatable {
  /// Which model.
  let expert: Expert
  /// The model.
  var model: any LoadPredictor
  /// Its forecast of the next interval; nil while it has none of its own.
  var next: Double?
  /// Discounted sum of its absolute errors.
  var loss: Double?

  init(_ expert: Expert, settings: PredictorSettings) {
    self.expert = expert
    model = expert.makeModel(settings)
  }

  static func == (left: ExpertRecord, right: ExpertRecord) -> Bool {
    left.expert == right.expert && left.next == right.next && left.loss == right.loss
      && left.model.equals(right.model)
  }
}

extension LoadPredictor {
  /// Whether `other` is a model of the same type in the same state.
  func equals(_ other: any LoadPredictor) -> Bool { (other as? Self) == self }
}
