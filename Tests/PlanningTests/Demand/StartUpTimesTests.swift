import Testing

@testable import Planning

@Suite("start-up times")
struct StartUpTimesTests {
  private func times(_ looks: [(time: Double, asked: Int, ready: Int)]) -> StartUpTimes {
    var times = StartUpTimes()
    for look in looks {
      times.observe(
        [.decode: .init(current: look.asked, asked: look.asked, ready: look.ready)], at: look.time)
    }
    return times
  }

  @Test("a start-up is known from the order to the readiness, within half a look")
  func learned() throws {
    var looks: [(Double, Int, Int)] = [(0, 1, 1)]
    for start in 0..<3 {
      let begin = Double(start) * 300
      looks.append((begin + 15, start + 2, start + 1))
      looks.append((begin + 90, start + 2, start + 1))
      looks.append((begin + 105, start + 2, start + 2))
      looks.append((begin + 300, start + 2, start + 2))
    }
    let seconds = try #require(times(looks).p90(.decode))
    #expect(abs(seconds - 97.5) <= 8)
  }

  @Test("fewer than three say nothing")
  func few() {
    #expect(times([(0, 1, 1), (15, 3, 1), (90, 3, 3)]).p90(.decode) == nil)
    #expect(times([]).longest == nil)
  }

  @Test("an order that is taken back is no start-up")
  func takenBack() {
    #expect(
      times([(0, 1, 1), (15, 6, 1), (30, 1, 1), (900, 1, 1), (915, 2, 2)]).p90(.decode) == nil)
  }
}
