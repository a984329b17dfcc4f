extension PredictorKind {
  /// A fresh model of this kind: the one place that lists them.
  func makeModel(_ settings: PredictorSettings) -> any LoadPredictor {
    switch self {
    case .constant: ConstantPredictor()
    case .kalman: KalmanPredictor(settings: settings)
    case .prophet: ProphetPredictor(settings: settings)
    case .auto: AutomaticPredictor(settings: settings)
    case .arima: ARIMAPredictor(settings: settings)
    }
  }
}
