import Foundation
import Testing

@testable import Planning

@Suite("the model of demand")
struct DemandModelTests {
  /// Noise between −1 and 1, the same for the same index.
  private func noise(_ index: Int) -> Double {
    Double((index &* 7919 &+ 13) % 2003) / 1001 - 1
  }

  private func step(_ index: Int, _ work: Double, seconds: Int = 15) -> WorkStep {
    WorkStep(
      end: (index + 1) * seconds, seconds: seconds, requests: work / 100,
      tokensPerSecond: [.prefill: work, .decode: work / 10])
  }

  private func model(
    _ steps: Int, lead: Int = 75, share: Double = 0.95, work: (Int) -> Double
  ) -> DemandModel {
    var model = DemandModel()
    for index in 0..<steps {
      model.observe(step(index, work(index)), leadSeconds: lead, share: share)
    }
    return model
  }

  @Test("level traffic is planned for with a margin that covers the asked share")
  func level() throws {
    let model = model(1000) { 10_000 * (1 + 0.2 * noise($0)) }
    let outlook = try #require(model.outlook(.prefill))
    #expect(outlook.planned > 10_500 && outlook.planned < 13_000)
    #expect(outlook.forecast > 9000 && outlook.forecast < 12_000)
    #expect(try #require(outlook.covered) > 0.95)
    #expect(outlook.leads == 180)
    let decode = try #require(model.outlook(.decode))
    #expect(abs(decode.planned / outlook.planned - 0.1) < 1e-3)
  }

  @Test("a ramp is planned for ahead of itself, within the growth that was seen")
  func ramp() throws {
    let model = model(240) { $0 < 160 ? 10_000 : 10_000 * exp(0.02 * Double($0 - 160)) }
    let outlook = try #require(model.outlook(.prefill))
    let now = 10_000 * exp(0.02 * 79)
    // Five steps on it is 1.1 times as much.
    #expect(outlook.planned > 1.1 * now && outlook.planned < 1.5 * now)
  }

  @Test("a fall of the night has no trend into nothing and none up from it")
  func night() throws {
    let model = model(960) { 40_000 * exp(-0.01 * Double(min($0, 480))) * (1 + 0.1 * noise($0)) }
    let now = 40_000 * exp(-4.8)
    let outlook = try #require(model.outlook(.prefill))
    #expect(outlook.planned > now && outlook.planned < 1.6 * now)
  }

  @Test("one absurd step is back at need after what stabilisation holds")
  func outlier() throws {
    let usual = { (index: Int) in 10_000 * (1 + 0.1 * noise(index)) }
    let before = try #require(model(500, work: usual).outlook(.prefill))
    let model = model(506) { $0 == 500 ? 5_000_000 : usual($0) }
    let after = try #require(model.outlook(.prefill))
    #expect(after.planned < 2 * before.planned)
    let later = self.model(560) { $0 == 500 ? 5_000_000 : usual($0) }
    #expect(try #require(later.outlook(.prefill)).planned < 1.2 * before.planned)
  }

  @Test("a level shift is planned for at once")
  func shift() throws {
    let model = model(302) { $0 < 300 ? 10_000 : 30_000 }
    #expect(try #require(model.outlook(.prefill)).planned > 20_000)
  }

  @Test("a plan is no more than the record of a day where traffic does not grow")
  func record() throws {
    // To and fro between two levels: at the upper one there is nothing above to plan for.
    let model = model(2000) { ($0 / 100).isMultiple(of: 2) ? 10_000 : 30_000 }
    let high = try #require(model.outlook(.prefill))
    #expect(high.planned < 33_500)
    #expect(high.planned >= 30_000 * 0.99)
  }

  @Test("a higher share is planned for with more")
  func share() throws {
    let work = { (index: Int) in 10_000 * (1 + 0.3 * noise(index)) }
    let usual = try #require(model(800, share: 0.9, work: work).outlook(.prefill))
    let more = try #require(model(800, share: 0.99, work: work).outlook(.prefill))
    #expect(more.planned > usual.planned)
  }

  @Test("what can't be right and what is not newer changes nothing")
  func refused() {
    var model = model(20) { _ in 5000 }
    let before = model
    for bad in [step(19, 1), step(30, .nan), step(30, -1)] {
      let isLearned = model.observe(bad, leadSeconds: 75, share: 0.95)
      #expect(!isLearned)
    }
    #expect(model == before)
  }

  @Test("no traffic is planned for with nothing, and traffic after it within a minute")
  func idle() throws {
    var model = model(100) { _ in 0 }
    #expect(try #require(model.outlook(.decode)).planned < 5)
    for index in 100..<104 { model.observe(step(index, 8000), leadSeconds: 75, share: 0.95) }
    #expect(try #require(model.outlook(.prefill)).planned > 4000)
  }

  @Test("saving and restoring at every step changes no bit")
  func codable() throws {
    var straight = DemandModel()
    var restored = straight
    for index in 0..<120 {
      let next = step(index, 10_000 * (1 + 0.5 * noise(index)))
      straight.observe(next, leadSeconds: 100, share: 0.95)
      restored.observe(next, leadSeconds: 100, share: 0.95)
      restored = try JSONDecoder().decode(DemandModel.self, from: JSONEncoder().encode(restored))
      #expect(restored == straight)
    }
  }

  @Test("a day with five minutes of start-up fits into 30 KB")
  func size() throws {
    let model = model(6000, lead: 315) { 10_000 * (1 + 0.5 * noise($0)) }
    #expect(try JSONEncoder().encode(model).count <= 30_000)
  }

  @Test("what the chosen predictor says is heard where it is right")
  func predictor() throws {
    var deaf = DemandModel()
    var hearing = DemandModel()
    // A wave of ten minutes that the predictor knows.
    func work(_ index: Int) -> Double { 10_000 * (1 + 0.8 * sin(Double(index) * .pi / 20)) }
    var (without, with) = (0.0, 0.0)
    for index in 0..<2000 {
      let step = step(index, work(index))
      deaf.observe(step, leadSeconds: 150, share: 0.95)
      hearing.observe(
        step, leadSeconds: 150, share: 0.95,
        predicted: [.prefill: work(index + 10), .decode: work(index + 10) / 10])
      guard index > 1500 else { continue }
      without += try #require(deaf.outlook(.prefill)).planned
      with += try #require(hearing.outlook(.prefill)).planned
    }
    #expect(with < 0.95 * without)
  }

  @Test("the plan says what it covers")
  func words() {
    var outlook = DemandOutlook(
      forecast: 1000, planned: 1240, share: 0.985, covered: 0.97, leads: 180, leadSeconds: 75,
      limit: .margin)
    #expect(outlook.phrase == "1.24 × the forecast covers 97 % of the past 180 leads")
    outlook.limit = .record
    #expect(outlook.phrase.hasSuffix("limited to the record of a day and growth as it was seen"))
    outlook.covered = nil
    #expect(outlook.phrase.hasPrefix("1.24 × the forecast, before any lead is over"))
  }
}
