import TestSupport

@testable import Forecasting

/// The reference results of the original's Kalman and constant predictors
/// (`Tests/Fixtures/golden/kalman.json`, `constant.json`; how they were made is in `source`).
struct GoldenPredictorCases: Decodable {
  struct Configuration: Decodable {
    var load_predictor_log1p: Bool?
    var kalman_q_level: Double?
    var kalman_q_trend: Double?
    var kalman_r: Double?
    var kalman_min_points: Int?

    /// The settings of the case. The original's minimum of points has no effect, so it is 0 here
    /// (departure 3).
    func settings(_ kind: PredictorKind) -> PredictorSettings {
      var settings = PredictorSettings(kind: kind, kalmanMinimumPoints: 0)
      settings.usesLog1p = load_predictor_log1p ?? false
      settings.kalmanLevelNoise = kalman_q_level ?? settings.kalmanLevelNoise
      settings.kalmanTrendNoise = kalman_q_trend ?? settings.kalmanTrendNoise
      settings.kalmanMeasurementNoise = kalman_r ?? settings.kalmanMeasurementNoise
      return settings
    }
  }

  struct State: Decodable {
    var x: [Double]?
    var P: [[Double]]?
    var buffer_len: Int?
    var initialized: Bool?
  }

  struct Case: Decodable {
    var name: String
    var config: Configuration?
    var values: [Double]
    var forecasts: [Double]
    var final_state: State?
  }

  enum Operation: Decodable {
    case add(Double)
    case predict
    case last
    case resetIdle

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      switch try container.decode(String.self) {
      case "add": self = .add(try container.decode(Double.self))
      case "predict": self = .predict
      case "last": self = .last
      case "reset_idle": self = .resetIdle
      case let name:
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "unknown operation \(name)")
      }
    }
  }

  struct OperationCase: Decodable {
    var name: String
    var config: Configuration?
    var ops: [Operation]
    var outs: [Double?]
    var final_state: State
  }

  var cases: [Case]
  var op_cases: [OperationCase]

  static func load(_ file: String) throws -> GoldenPredictorCases {
    try Fixture.json(GoldenPredictorCases.self, "golden/\(file).json")
  }
}

/// Whether two numbers agree to 1e-9 of the larger one.
func agree(_ left: Double, _ right: Double) -> Bool {
  abs(left - right) <= 1e-9 * max(abs(left), abs(right))
}
