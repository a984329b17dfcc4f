import Testing

@testable import Connectors

@Suite("Times as Kubernetes writes them")
struct KubernetesTimeTests {
  @Test(
    "seconds and microseconds are written and read back",
    arguments: [
      (0.0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
      (1_764_000_000.5, "2025-11-24T16:00:00Z", "2025-11-24T16:00:00.500000Z"),
      (951_782_399.999_999, "2000-02-28T23:59:59Z", "2000-02-28T23:59:59.999999Z"),
      (-5, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
      (.nan, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
      (1e300, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"),
    ])
  func write(_ time: Double, _ seconds: String, _ microseconds: String) {
    #expect(KubernetesTime.seconds(time) == seconds)
    // Microseconds of today's times are at the edge of what a Double holds.
    #expect(KubernetesTime.microseconds(time).prefix(24) == microseconds.prefix(24))
    #expect(KubernetesTime.microseconds(time).count == 27)
    if time >= 0, time < 1e11 {
      let read = KubernetesTime.parse(KubernetesTime.microseconds(time)) ?? .nan
      #expect(abs(read - time) < 2e-6)
    }
  }

  @Test(
    "what is no time in UTC is none",
    arguments: [
      "", "soon", "2025-11-24", "2025-11-24T16:00:00", "2025-11-24T16:00:00.Z",
      "2025-11-24T16:00:00.5.5Z", "2025-11-24T16:00:00.x5Z", "2025-13-45T99:00:00Z",
    ])
  func refuse(_ text: String) {
    #expect(KubernetesTime.parse(text) == nil)
  }
}
