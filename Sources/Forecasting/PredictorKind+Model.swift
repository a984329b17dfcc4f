extension PredictorKind {
  /// A fresh model of this kind: the one place that lists them.
  func makeModel(_ settings: PredictorSettings) -> any LoadPredictor {
    switch self {
    case .constant: ConstantPredictor()
    case .kalman: KalmanPredictor(settings: settings)
    case .prophet: ProphetPredictor(settings: settings)
    // Refused by the settings' validation while it is not in `available`; the last value stands in.
    case .arima: ConstantPredictor()
    }
  }
}
