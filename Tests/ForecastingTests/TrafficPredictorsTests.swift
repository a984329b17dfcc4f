import Foundation
import Testing

@testable import Forecasting

@Suite struct TrafficPredictorsTests {
  private func predictors(_ kind: PredictorKind = .constant) -> TrafficPredictors {
    TrafficPredictors(settings: PredictorSettings(kind: kind))
  }

  @Test("there is no forecast before the first request")
  func thereIsNoForecastBeforeTheFirstRequest() {
    var traffic = predictors()
    #expect(traffic.forecast() == nil)
    for interval in 1...5 {
      traffic.observe(requestCount: 0, isl: nil, osl: nil, intervalEnd: interval * 180)
    }
    #expect(traffic.forecast() == nil)
    #expect(traffic.lastIntervalEnd == 900)
  }

  @Test("there is no forecast while a length is unknown")
  func thereIsNoForecastWhileALengthIsUnknown() {
    var traffic = predictors()
    traffic.observe(requestCount: 10, isl: 3000, osl: nil, intervalEnd: 180)
    #expect(traffic.forecast() == nil)
    traffic.observe(requestCount: 12, isl: nil, osl: 150, intervalEnd: 360)
    #expect(
      traffic.forecast()
        == TrafficForecast(predictor: .constant, requestCount: 12, isl: 3000, osl: 150))
  }

  @Test(
    "idle intervals lower the requests and leave the lengths alone",
    arguments: [PredictorKind.constant, .kalman])
  func idleIntervalsLowerTheRequestsAndLeaveTheLengthsAlone(_ kind: PredictorKind) throws {
    // The original forecasts 822, 158, −210 tokens here (departure 6).
    var traffic = predictors(kind)
    for interval in 1...8 {
      traffic.observe(requestCount: 50, isl: 2000, osl: 100, intervalEnd: interval * 180)
    }
    for interval in 9...11 {
      traffic.observe(requestCount: 0, isl: 0, osl: 0, intervalEnd: interval * 180)
      let forecast = try #require(traffic.forecast())
      #expect(abs(forecast.isl - 2000) < 1e-6 && abs(forecast.osl - 100) < 1e-6)
      #expect(forecast.requestCount < 50)
    }
  }

  @Test("an interval is never counted twice")
  func anIntervalIsNeverCountedTwice() {
    var traffic = predictors(.kalman)
    for interval in 1...6 {
      traffic.observe(
        requestCount: Double(interval), isl: 10, osl: 10, intervalEnd: interval * 180)
    }
    let before = traffic
    let repeatedNewest = traffic.observe(requestCount: 99, isl: 99, osl: 99, intervalEnd: 1080)
    #expect(!repeatedNewest)
    let repeatedOld = traffic.observe(requestCount: 99, isl: 99, osl: 99, intervalEnd: 180)
    #expect(!repeatedOld)
    #expect(traffic == before)
  }

  @Test(
    "an impossible request count refuses the whole interval", arguments: [-1.0, .nan, .infinity])
  func anImpossibleRequestCountRefusesTheWholeInterval(_ count: Double) {
    var traffic = predictors()
    traffic.observe(requestCount: 5, isl: 100, osl: 10, intervalEnd: 180)
    let before = traffic
    let accepted = traffic.observe(requestCount: count, isl: 7, osl: 7, intervalEnd: 360)
    #expect(!accepted)
    #expect(traffic == before)
  }

  @Test("an impossible length is left out alone")
  func anImpossibleLengthIsLeftOutAlone() {
    var traffic = predictors()
    traffic.observe(requestCount: 5, isl: 100, osl: 10, intervalEnd: 180)
    let accepted = traffic.observe(requestCount: 6, isl: .nan, osl: 20, intervalEnd: 360)
    #expect(accepted)
    #expect(
      traffic.forecast()
        == TrafficForecast(predictor: .constant, requestCount: 6, isl: 100, osl: 20))
  }

  @Test("saving and restoring at every step changes nothing", arguments: PredictorKind.allCases)
  func savingAndRestoringAtEveryStepChangesNothing(_ kind: PredictorKind) throws {
    var straight = predictors(kind)
    var restored = straight
    for interval in 1...60 {
      let count = Double((interval * 37) % 23) * 1.1
      for isRestored in [false, true] {
        var traffic = isRestored ? restored : straight
        traffic.observe(
          requestCount: count, isl: 1000 / Double(interval), osl: Double(interval).squareRoot(),
          intervalEnd: interval * 180)
        if isRestored { restored = traffic } else { straight = traffic }
      }
      restored = try JSONDecoder().decode(
        TrafficPredictors.self, from: JSONEncoder().encode(restored))
      #expect(restored == straight)
      #expect(restored.forecast() == straight.forecast())
    }
  }

  @Test("encoding twice gives the same bytes")
  func encodingTwiceGivesTheSameBytes() throws {
    var traffic = predictors(.kalman)
    for interval in 1...9 {
      traffic.observe(requestCount: 3, isl: 0.1, osl: 1 / 3, intervalEnd: interval)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let first = try encoder.encode(traffic)
    let copy = try JSONDecoder().decode(TrafficPredictors.self, from: first)
    #expect(try encoder.encode(copy) == first)
  }

  @Test("a warm-up is learned and the idle time after it is not")
  func aWarmUpIsLearnedAndTheIdleTimeAfterItIsNot() {
    var traffic = predictors()
    traffic.warmUp(
      [
        RecordedTraffic(requestCount: 5, isl: 100, osl: 10),
        RecordedTraffic(requestCount: 0, isl: nil, osl: nil),
        RecordedTraffic(requestCount: 7, isl: 200, osl: 20),
      ], endingAt: 1800)
    #expect(traffic.lastIntervalEnd == 1800)
    traffic.observe(requestCount: 0, isl: nil, osl: nil, intervalEnd: 1980)
    #expect(traffic.forecast()?.requestCount == 7)
    traffic.observe(requestCount: 3, isl: 150, osl: 15, intervalEnd: 2160)
    traffic.observe(requestCount: 0, isl: nil, osl: nil, intervalEnd: 2340)
    #expect(
      traffic.forecast()
        == TrafficForecast(predictor: .constant, requestCount: 0, isl: 150, osl: 15))
  }

  @Test("the quantile is the request count's alone")
  func theQuantileIsTheRequestCountsAlone() throws {
    var noise = SeededNoise(seed: 20)
    let settings = PredictorSettings(kind: .constant, forecastQuantile: 0.9)
    var traffic = TrafficPredictors(settings: settings)
    for interval in 1...100 {
      traffic.observe(
        requestCount: 100 + 10 * noise.next(), isl: 1000 + 100 * noise.next(), osl: 50,
        intervalEnd: interval * 180)
    }
    let forecast = try #require(traffic.forecast())
    #expect(forecast.requestCount > (traffic.requestCount.last ?? 0))
    #expect(forecast.isl == traffic.isl.last)
  }
}
