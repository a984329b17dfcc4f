import Foundation
import TestSupport
import Testing

@testable import NumericalMethods

@Suite("Queues")
struct MultiServerQueueTests {
  /// c!-sums in logarithms: another way to the same number.
  static func erlangC(servers: Int, load: Double) -> Double {
    let terms = (0..<servers).map { Double($0) * log(load) - lgamma(Double($0) + 1) }
    let all = Double(servers) * log(load) - lgamma(Double(servers) + 1)
    let busy = exp(all) / (1 - load / Double(servers))
    let scale = (terms + [all]).max() ?? 0
    let rest = terms.reduce(0) { $0 + exp($1 - scale) } * exp(scale)
    return busy / (rest + busy)
  }

  @Test(
    "Erlang's C agrees with the sums of its definition",
    arguments: [
      (1, 0.5), (1, 0.999), (2, 0.1), (5, 4.9), (20, 14), (50, 49.9), (100, 60), (150, 149),
    ])
  func delay(servers: Int, load: Double) {
    let expected = Self.erlangC(servers: servers, load: load)
    let found = ErlangC.delayProbability(servers: servers, offeredLoad: load)
    #expect((found - expected).magnitude < 1e-10 * max(expected, 1e-3))
  }

  @Test("Erlang's C is a share for every load and any number of servers")
  func bounds() {
    for servers in [1, 2, 17, 400, 100_000, 1_000_000] {
      var last = 0.0
      for share in [0, 1e-9, 0.3, 0.9, 0.999, 0.999999, 1, 2, .infinity] {
        let found = ErlangC.delayProbability(
          servers: servers, offeredLoad: share * Double(servers))
        #expect((0...1).contains(found) && found >= last)
        last = found
      }
    }
    #expect(ErlangC.delayProbability(servers: 0, offeredLoad: 1) == 1)
    #expect(ErlangC.delayProbability(servers: 3, offeredLoad: .nan) == 1)
    #expect(ErlangC.delayProbability(servers: 3, offeredLoad: -1) == 0)
  }

  @Test(
    "M/M/c waits are Erlang C times an exponential, exactly",
    arguments: [(1, 0.3), (2, 0.7), (20, 0.9), (300, 0.97)])
  func exponentialService(servers: Int, utilisation: Double) {
    let rate = utilisation * Double(servers) / 0.2
    let queue = MultiServerQueue(
      servers: servers, arrivalRate: rate, service: .exponential(mean: 0.2))
    let delay = ErlangC.delayProbability(
      servers: servers, offeredLoad: utilisation * Double(servers))
    let decay = Double(servers) / 0.2 * (1 - utilisation)
    #expect((queue.meanWait * decay / delay - 1).magnitude < 1e-9)
    for time in [0, 0.01, 0.1, 1] {
      let expected = delay * exp(-decay * time)
      let found = queue.shareWaiting(longerThan: time)
      #expect((found - expected).magnitude <= 1e-9 * expected)
    }
    let quantile = queue.waitQuantile(1 - delay / 100)
    #expect((quantile * decay / log(100) - 1).magnitude < 1e-6)
  }

  /// Erlang's sum with 60 digits (mpmath).
  @Test(
    "M/D/1 waits are Erlang's of 1909, exactly",
    arguments: [
      (0.3, 0.5, 0.18671603009), (0.3, 1, 0.0550988346968), (0.3, 3.25, 0.00062872688024),
      (0.3, 8.1, 2.80152430181e-8), (0.7, 0.5, 0.574279735422), (0.7, 3.25, 0.0889730930072),
      (0.7, 7.9, 0.00384636782576), (0.7, 20, 1.08510673665e-6), (0.9, 1, 0.754039688884),
      (0.9, 7.9, 0.181684379619), (0.9, 8.1, 0.174311112939), (0.97, 0.5, 0.951274749735),
      (0.97, 7.9, 0.607112919096), (0.97, 20, 0.291577644046),
    ])
  func deterministicService(utilisation: Double, services: Double, expected: Double) {
    let queue = MultiServerQueue(
      servers: 1, arrivalRate: utilisation / 0.05, service: .constant(0.05))
    let found = queue.shareWaiting(longerThan: services * 0.05)
    #expect((found / expected - 1).magnitude < 1e-5)
  }

  /// Queues simulated customer by customer (`scripts/reference/queues.c`).
  struct Reference: Decodable {
    let cases: [Case]
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let queue: String
    let values: [Double]
    let shares: [Double]
    let servers: Int
    let utilisation: Double
    let meanWait: Double
    let sojourn90: Double
    let sojourn95: Double
    let sojourn99: Double

    var testDescription: String { "\(queue), c = \(servers), ρ = \(utilisation)" }

    var service: ServiceTimes {
      values.isEmpty
        ? .exponential(mean: 1)
        : values.count == 1 ? .constant(values[0]) : .mixture(values: values, shares: shares)
    }
  }

  @Test("mean wait and quantiles of wait plus service agree with simulated queues within 5 %")
  func simulated() throws {
    let cases = try Fixture.json(Reference.self, "golden/queues.json").cases
    #expect(cases.count == 125)
    for item in cases {
      let mean = item.service.mean
      let queue = MultiServerQueue(
        servers: item.servers, arrivalRate: item.utilisation * Double(item.servers) / mean,
        service: item.service)
      // A wait that is next to nothing against the service is told as exactly as that needs.
      #expect(
        (queue.meanWait - item.meanWait).magnitude < max(0.05 * item.meanWait, 0.01 * mean),
        "\(item.testDescription): \(queue.meanWait), not \(item.meanWait)")
      for (share, expected) in [
        (0.9, item.sojourn90), (0.95, item.sojourn95), (0.99, item.sojourn99),
      ] {
        let found = queue.sojournQuantile(share, service: item.service)
        #expect(
          (found / expected - 1).magnitude < 0.05,
          "\(item.testDescription), \(share): \(found), not \(expected)")
      }
    }
  }

  @Test("waits never fall with more arrivals, and never rise with more servers")
  func monotone() {
    let service = ServiceTimes.mixture(
      values: [0.05, 0.1, 0.4, 1.2], shares: [0.4, 0.3, 0.2, 0.1])
    for servers in [1, 2, 3, 7, 30, 200] {
      for time in [0.0, 0.05, 0.3, 2] {
        var last = 0.0
        for step in 1..<200 {
          let rate = Double(servers) / service.mean * Double(step) / 200
          let share = MultiServerQueue(servers: servers, arrivalRate: rate, service: service)
            .shareWaiting(longerThan: time)
          #expect(share >= last - 1e-12)
          last = share
          let more = MultiServerQueue(servers: servers + 1, arrivalRate: rate, service: service)
            .shareWaiting(longerThan: time)
          #expect(more <= share + 1e-12)
        }
      }
    }
  }

  @Test("dispersed arrivals wait in proportion, steady ones less")
  func dispersion() {
    func mean(_ dispersion: Double) -> Double {
      MultiServerQueue(
        servers: 4, arrivalRate: 3, service: .exponential(mean: 1), dispersion: dispersion
      ).meanWait
    }
    #expect((mean(3) / mean(1) - 2).magnitude < 1e-9)
    #expect(mean(0) < mean(1))
  }

  @Test("what is no queue gives an answer all the same")
  func edges() {
    let idle = MultiServerQueue(servers: 2, arrivalRate: 0, service: .constant(1))
    #expect(idle.meanWait == 0 && idle.waitQuantile(0.99) == 0)
    let full = MultiServerQueue(servers: 2, arrivalRate: 2, service: .constant(1))
    #expect(full.waitQuantile(0.5) == .infinity && full.shareWaiting(longerThan: 1e9) == 1)
    let unknown = MultiServerQueue(servers: 1, arrivalRate: .nan, service: .constant(1))
    #expect(!unknown.meanWait.isNaN && !unknown.waitQuantile(0.9).isNaN)
    let scarce = MultiServerQueue(
      servers: 1, arrivalRate: 1e-12, service: .mixture(values: [1, 50], shares: [0.9, 0.1]))
    #expect(scarce.waitQuantile(0.95) == 0 && scarce.meanWait.isFinite)
  }
}
