import Testing

@testable import Planning

@Suite("Prefix caches that are counted on")
struct CacheLearningTests {
  @Test("a hit rate is counted on slowly, and less than it is")
  func slowly() {
    var cache = CacheLearning()
    #expect(cache.cautious == 0)
    cache.observe(0.6)
    #expect(cache.cautious < 0.3)
    for _ in 0..<60 { cache.observe(0.6) }
    #expect((0.5...0.6).contains(cache.cautious))
  }

  @Test("a minute after caches are of no use hardly anything is counted on")
  func quickly() {
    var cache = CacheLearning()
    for _ in 0..<200 { cache.observe(0.6) }
    for _ in 0..<4 { cache.observe(0) }
    #expect(cache.cautious < 0.03)
  }

  @Test("what is no share changes nothing")
  func unusable() {
    var cache = CacheLearning()
    for _ in 0..<50 { cache.observe(0.5) }
    let before = cache
    for rate in [nil, Double.nan, -0.1, 1.5] { cache.observe(rate) }
    #expect(cache == before)
  }

  @Test("cached tokens are no prefill work, but room in the KV cache")
  func sizing() throws {
    func replicas(_ cached: Double) throws -> [Component: Int] {
      try SLASizing(
        policy: SLASizingTests.policy(), sla: SLASizingPolicy(), intervalSeconds: 60,
        cachedShare: cached
      ).size(
        .init(predictor: .constant, requestCount: 6000, isl: 4000, osl: 250), newest: nil,
        indexOfDispersion: 1, profile: Profiles.h200()
      ).mapValues(\.replicas)
    }
    let (cold, warm) = (try replicas(0), try replicas(0.6))
    #expect(try #require(warm[.prefill]) * 2 <= (try #require(cold[.prefill])) + 1)
    #expect(warm[.decode] == cold[.decode])
  }
}
