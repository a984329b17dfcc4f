import Foundation
import Testing

@testable import Forecasting

@Suite("outliers in a series")
struct OutlierFilterTests {
  private func predictor(_ kind: PredictorKind, after values: [Double]) -> SeriesPredictor {
    var predictor = SeriesPredictor(settings: PredictorSettings(kind: kind))
    for (index, value) in values.enumerated() {
      predictor.observe(value, intervalEnd: (index + 1) * 180)
    }
    return predictor
  }

  private func usual(_ count: Int) -> [Double] {
    var noise = SeededNoise(seed: 3)
    return (0..<count).map { _ in 100 + 5 * noise.next() }
  }

  private static let learning = PredictorKind.allCases.filter { $0 != .constant }

  @Test("one spike bends no forecast", arguments: learning)
  func spike(_ kind: PredictorKind) throws {
    var predictor = predictor(kind, after: usual(60) + [50_000])
    for (index, value) in usual(20).enumerated() {
      let forecast = try #require(predictor.forecast()?.first)
      #expect(forecast > 60 && forecast < 150, "\(index) intervals after the spike")
      predictor.observe(value, intervalEnd: (62 + index) * 180)
    }
  }

  @Test("an outlier that lasts is a level shift in two steps")
  func shift() throws {
    var predictor = predictor(.kalman, after: [Double](repeating: 100, count: 20) + [3000])
    #expect(try #require(predictor.forecast()?.first) == 100)
    predictor.observe(3100, intervalEnd: 4000)
    #expect(try #require(predictor.forecast()?.first) > 1000)
  }

  @Test("the third outlier within 25 values is the series' own")
  func recurring() {
    var filter = OutlierFilter()
    let values = (0..<12).map { $0 == 6 || $0 == 8 ? 5000.0 : 100 } + [5000]
    let counted = values.enumerated().map { filter.judge($1, intervalEnd: $0).counts }
    #expect(counted.indices.filter { !counted[$0] } == [6, 8])
  }

  @Test("first traffic after a night is no outlier")
  func night() {
    var filter = OutlierFilter()
    for index in 0..<30 { _ = filter.judge(index < 2 ? 40 : 0, intervalEnd: index) }
    #expect(filter.judge(500, intervalEnd: 30).counts)
  }

  @Test("a few requests more where hardly any come are no outlier")
  func fewRequests() {
    var filter = OutlierFilter()
    for index in 0..<8 { _ = filter.judge(1, intervalEnd: index) }
    #expect(filter.judge(15, intervalEnd: 8).counts)
  }

  @Test("the last value is the last value, whatever it is")
  func constant() {
    #expect(predictor(.constant, after: usual(60) + [50_000]).forecast() == [50_000])
  }

  @Test("a predictor of an older version is read")
  func olderState() throws {
    let predictor = predictor(.kalman, after: usual(20))
    let text = try JSONEncoder().encode(predictor)
    var object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    object["outliers"] = nil
    object["bounds"] = nil
    let old = try JSONSerialization.data(withJSONObject: object)
    let read = try JSONDecoder().decode(SeriesPredictor.self, from: old)
    #expect(read.forecast() == predictor.forecast())
  }
}
