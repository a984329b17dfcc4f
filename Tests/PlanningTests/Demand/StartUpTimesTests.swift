import Foundation
import TestSupport
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

  @Test("a deployment that tells nothing until all is done is timed from the order")
  func acknowledged() throws {
    var times = StartUpTimes()
    var time = 0.0
    func look(_ asked: Int, _ ready: Int?) {
      times.observe([.decode: .init(current: asked, asked: asked, ready: ready)], at: time)
      time += 10
    }
    look(1, 1)
    for count in 2...5 {
      for _ in 0..<9 { look(count, nil) }
      look(count, count)
    }
    // Ordered at the look before the first of ten, ready half a look before the last.
    #expect(abs(try #require(times.p90(.decode)) - 95) <= 6)
  }

  /// A standard normal number (Box and Muller).
  private func normal(_ random: inout SeededRandom) -> Double {
    (-2 * log(random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
  }

  @Test("of log-normal start-ups of which a fifth never ends ten tell nine in ten to a sixth")
  func neverReady() throws {
    var ratios: [Double] = []
    for seed in 0..<40 {
      var random = SeededRandom(seed: UInt64(seed) + 1)
      var starts: [(order: Double, ready: Double)] = []
      var time = 0.0
      while starts.filter({ $0.ready.isFinite }).count < 10 {
        time += 150 + 600 * random.uniform()
        let isLost = random.uniform() < 0.2
        starts.append((time, isLost ? .infinity : time + 120 * exp(0.3 * normal(&random))))
      }
      var times = StartUpTimes()
      for look in stride(from: 0, through: time + 400, by: 15) {
        let asked = starts.count { $0.order <= look }
        let ready = starts.count { $0.ready <= look }
        times.observe([.decode: .init(current: asked, asked: asked, ready: ready)], at: look)
      }
      ratios.append(try #require(times.p90(.decode)) / (120 * exp(0.3 * 1.2816)))
    }
    ratios.sort()
    let median = ratios[ratios.count / 2]
    let deviation = ratios.map { abs($0 - 1) }.reduce(0, +) / Double(ratios.count)
    #expect(abs(median - 1) < 0.08, "\(median)")
    #expect(deviation < 1 / 6.0, "\(deviation)")
  }

  @Test("a worker that does not come in three times the longest start-up is given up")
  func givenUp() {
    var looks: [(Double, Int, Int)] = [(0, 1, 1)]
    for start in 0..<3 {
      let begin = Double(start) * 600
      looks += [
        (begin + 10, start + 1, start + 1), (begin + 15, start + 2, start + 1),
        (begin + 310, start + 2, start + 1), (begin + 315, start + 2, start + 2),
      ]
    }
    looks += [(1795, 4, 4), (1800, 6, 4)]
    #expect(times(looks + [(1830, 6, 4), (2640, 6, 4)]).abandoned(.decode) == 0)
    #expect(times(looks + [(1830, 6, 4), (2760, 6, 4)]).abandoned(.decode) == 2)
    #expect(times(looks + [(1830, 6, 5), (2760, 6, 5)]).abandoned(.decode) == 1)
    #expect(times(looks + [(1830, 6, 4), (2760, 6, 6)]).abandoned(.decode) == 0)
    // A worker that was ready and is not any more is on its way again, for ten minutes at least.
    #expect(times([(0, 3, 3), (60, 3, 2), (600, 3, 2)]).abandoned(.decode) == 0)
    #expect(times([(0, 3, 3), (60, 3, 2), (670, 3, 2)]).abandoned(.decode) == 1)
  }
}
