import Testing

@testable import MetricSources

@Suite("The samples of a counter")
struct BelievableCounterTests {
  private func kept(_ values: [Double], _ name: String = "requests_total") -> [Double] {
    SampleAnswer.Series(
      labels: ["__name__": name],
      samples: values.enumerated().map { .init(time: Double($0), value: $1) }
    ).believable().samples.map(\.value)
  }

  @Test(
    "are all believed where it grows, stands still or began again",
    arguments: [
      [100, 200, 200, 300], [100, 200, 5, 50], [0, 0, 100, 0, 40], [5], [], [0, 100, 5, 7],
      [0, 60, 100, 20, 60, 99, 130],
    ] as [[Double]])
  func plain(_ values: [Double]) {
    #expect(kept(values) == values)
  }

  @Test(
    "are left out where no counter shows them",
    arguments: [
      ([100, .nan, 200], [100, 200]), ([100, -1, 200], [100, 200]), ([100, .infinity], [100]),
      ([100, 1e308, 200], [100, 200]), ([100, 1e-300], [100]), ([100, 0, 200], [100, 200]),
      ([100, 3, 4, 200, 210], [100, 200, 210]), ([100, 1e12, 200, 1e12, 300], [100, 200, 300]),
      // Whether the last one is right, nobody knows yet.
      ([100, 200, 1e12], [100, 200, 1e12]),
    ] as [([Double], [Double])])
  func damaged(_ values: [Double], _ expected: [Double]) {
    #expect(kept(values) == expected)
  }

  @Test("of a gauge are left as they are")
  func gauge() {
    #expect(kept([100, 3, 200], "inflight_requests") == [100, 3, 200])
  }
}
