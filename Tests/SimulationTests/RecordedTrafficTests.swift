import Forecasting
import TestSupport
import Testing

@testable import Simulation

@Suite("Traffic of a trace")
struct RecordedTrafficTests {
  private func trace(_ requests: [(arrival: Double, isl: Int32, osl: Int32)]) -> RequestTrace {
    var trace = RequestTrace()
    for request in requests {
      trace.append(arrival: request.arrival, isl: request.isl, osl: request.osl)
    }
    return trace
  }

  @Test("is counted by interval: idle ones count, the last, partial one does not")
  func counting() {
    let trace = trace([
      (0, 100, 10), (59.9, 300, 20), (60, 50, 5), (180, 10, 1), (185, 10, 1), (240, 7, 7),
      (250, 9, 9),
    ])
    #expect(
      trace.traffic(intervalSeconds: 60) == [
        RecordedTraffic(requestCount: 2, isl: 200, osl: 15),
        RecordedTraffic(requestCount: 1, isl: 50, osl: 5),
        RecordedTraffic(requestCount: 0, isl: nil, osl: nil),
        RecordedTraffic(requestCount: 2, isl: 10, osl: 1),
      ])
  }

  @Test("is none where the trace spans less than an interval", arguments: [61, 180, 1_000_000])
  func short(seconds: Int) {
    #expect(RequestTrace().traffic(intervalSeconds: seconds) == [])
    #expect(trace([(0, 1, 1), (60, 1, 1)]).traffic(intervalSeconds: seconds) == [])
  }

  @Test("of a very long trace is that of its newest intervals")
  func long() {
    let trace = trace([(0, 1, 1), (19_999, 5, 5), (20_000, 1, 1)])
    let traffic = trace.traffic(intervalSeconds: 1)
    #expect(traffic.count == RequestTrace.mostIntervals)
    #expect(traffic.last == RecordedTraffic(requestCount: 1, isl: 5, osl: 5))
    #expect(traffic.dropLast().allSatisfy { $0.requestCount == 0 })
  }

  @Test("of a real trace adds up to its requests but for those of the last interval")
  func real() throws {
    var reader = TraceReader()
    try reader.read(Array(Fixture.data("traces/azure_code_excerpt.csv")))
    let trace = try reader.finish().trace
    let traffic = trace.traffic(intervalSeconds: 10)
    let whole = (trace.duration / 10).rounded(.down)
    #expect(Double(traffic.count) == whole)
    let counted = traffic.reduce(0) { $0 + $1.requestCount }
    #expect(counted == Double(trace.arrivals.filter { $0 < whole * 10 }.count))
    #expect(traffic.contains { $0.requestCount == 0 })
  }
}
