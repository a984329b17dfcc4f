import Forecasting
import Foundation
import Invocation
import Testing

@testable import StateStore

@Suite("Predictors in the state file")
struct PredictorStateTests {
  /// Requests with a rhythm, noise, idle intervals and a spike.
  private static let traffic: [(requests: Double, isl: Double, osl: Double)] = {
    var state: UInt64 = 7
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 0x1p53
    }
    return (0..<130).map { index in
      let rhythm = 300 + 120 * sin(Double(index) / 6)
      let requests = index % 37 == 20 ? 0 : index == 90 ? 5000 : rhythm + 80 * noise()
      return (requests, 2000 + 400 * noise(), 150 + 30 * noise())
    }
  }()

  @Test(
    "forecast after every step what they would without a file between the steps, bit for bit",
    arguments: [PredictorKind.kalman, .arima, .prophet, .auto], [nil, 0.9])
  func bitForBit(kind: PredictorKind, quantile: Double?) throws {
    let scene = try StateScene()
    let settings = PredictorSettings(
      kind: kind, usesLog1p: false, forecastQuantile: quantile,
      startupDelaySeconds: quantile == nil ? 0 : 400)
    var uninterrupted = TrafficPredictors(settings: settings)
    for (index, traffic) in Self.traffic.enumerated() {
      let store = scene.store()
      let now = StateScene.now + Double(index) * 180
      let stored = try store.begin(owner: "run \(index)", now: now, leaseSeconds: 60)
      var predictors =
        try stored.parts[.predictors].map { try JSONText.decode(TrafficPredictors.self, from: $0) }
        ?? TrafficPredictors(settings: settings)
      func learn(_ predictors: inout TrafficPredictors) {
        predictors.observe(
          requestCount: traffic.requests, isl: traffic.isl, osl: traffic.osl,
          intervalEnd: 1_789_995_060 + index * 180)
      }
      learn(&predictors)
      learn(&uninterrupted)
      try #require(predictors == uninterrupted, "step \(index)")
      try #require(predictors.forecast() == uninterrupted.forecast(), "step \(index)")
      _ = try store.save(
        LearnedStep(
          parts: [.predictors: try JSONText.encode(predictors)], now: now, endsLease: true))
      try store.close()
    }
  }
}
