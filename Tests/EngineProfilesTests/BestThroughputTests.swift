import EngineProfiles
import Foundation
import Testing

@Suite struct BestThroughputTests {
  /// Latency targets from below the fastest to above the slowest measured latency.
  private func targets(_ profile: TestProfile, count: Int) throws -> [Double] {
    let fastest = try #require(profile.itl.min())
    let slowest = try #require(profile.itl.max())
    return (0..<count).map {
      0.9 * fastest + (1.1 * slowest - 0.9 * fastest) * Double($0) / Double(count - 1)
    }
  }

  @Test("the crossing of the target is found exactly")
  func findsCrossing() throws {
    let surface = try #require(DecodeSurfaceTests.linearEngine)
    for context in [500.0, 800, 2000, 5000, 10_000] {
      let point = surface.bestThroughput(itlMilliseconds: 14, contextLength: context)
      // 5 + 2e-4·n·context + 0.1·n = 14
      let expected = 9 / (2e-4 * context + 0.1)
      #expect(point.meetsTarget)
      #expect(abs(point.concurrency - expected) < 1e-9 * expected)
      #expect(abs(point.kvUsage - expected * context / 100_000) < 1e-9)
      #expect(abs(point.itlMilliseconds - 14) < 1e-12)
      // 2e-3: between rows, throughput is joined by straight lines from rung to rung.
      let throughput = 0.5 * expected / 14 * 1000
      #expect(abs(point.throughputPerGPU - throughput) < 2e-3 * throughput)
    }
  }

  @Test("the operating point lies on the surface, within the target", arguments: TestProfile.all)
  func isOnSurface(profile: TestProfile) throws {
    let surface = try profile.decode()
    let range = surface.contextRange
    for target in try targets(profile, count: 10) {
      for context in logarithmic(range.lowerBound, range.upperBound, count: 40) {
        let point = surface.bestThroughput(itlMilliseconds: target, contextLength: context)
        let itl = surface.itlMilliseconds(
          concurrency: point.concurrency, contextLength: context)
        #expect(abs(itl - point.itlMilliseconds) < 1e-9 * itl)
        #expect(!point.meetsTarget || point.itlMilliseconds <= target)
        #expect(point.meetsTarget || point.itlMilliseconds > target)
        #expect(
          surface.extrapolations(concurrency: point.concurrency, contextLength: context) == [])
      }
    }
  }

  /// Peer fault 10: the original chose cells that were filled from the nearest point.
  @Test(
    "no load is chosen above the largest KV usage of the neighbouring rows",
    arguments: TestProfile.inRows)
  func staysWithinMeasuredLoads(profile: TestProfile) throws {
    let surface = try profile.decode()
    func largest(_ context: Double?) -> Double {
      profile.kvUsage.indices.filter { profile.contextLength[$0] == context }
        .map { profile.kvUsage[$0] }.max() ?? 0
    }
    for context in logarithmic(profile.contexts[0], profile.contexts.last ?? 1, count: 300) {
      let shorter = profile.contexts.last { $0 <= context }
      let longer = profile.contexts.first { $0 >= context }
      let point = surface.bestThroughput(itlMilliseconds: 1e9, contextLength: context)
      #expect(point.meetsTarget)
      #expect(point.kvUsage <= max(largest(shorter), largest(longer)) * (1 + 1e-12))
    }
  }

  @Test(
    "on a row, a loose target gives the throughput measured at the highest load",
    arguments: TestProfile.inRows)
  func givesMeasuredThroughput(profile: TestProfile) throws {
    let surface = try profile.decode()
    for context in profile.contexts {
      let row = profile.kvUsage.indices.filter { profile.contextLength[$0] == context }
      let last = try #require(row.max { profile.kvUsage[$0] < profile.kvUsage[$1] })
      let point = surface.bestThroughput(itlMilliseconds: 1e9, contextLength: context)
      #expect(abs(point.throughputPerGPU / profile.throughput[last] - 1) < 1e-9)
      #expect(abs(point.itlMilliseconds / profile.itl[last] - 1) < 1e-9)
    }
  }

  /// Peer fault 12: the original was silent about it.
  @Test("a target that no load meets is answered with the lowest load, and said so")
  func saysWhenUnmet() throws {
    let surface = try #require(DecodeSurfaceTests.linearEngine)
    for target in [1, 0, -5, -.infinity, .nan] as [Double] {
      let point = surface.bestThroughput(itlMilliseconds: target, contextLength: 1000)
      #expect(!point.meetsTarget)
      // Between 10 sequences at 500 and 2.5 at 2000 tokens, linear in 1/context.
      #expect(abs(point.concurrency - 5) < 1e-9)
      #expect(abs(point.itlMilliseconds - DecodeSurfaceTests.linearITL(5, 1000)) < 1e-9)
      #expect(point.throughputPerGPU > 0)
    }
    let nowhere = surface.bestThroughput(itlMilliseconds: 20, contextLength: .nan)
    #expect(!nowhere.meetsTarget && nowhere.throughputPerGPU.isNaN)
  }

  /// Peer fault 10: latency along KV usage is not monotonic.
  @Test("a single fast sample among slower ones is not planned for, a trend is")
  func distrustsLoneDips() throws {
    func surface(_ itl: [Double]) throws -> DecodeSurface {
      try DecodeSurface(
        kvUsage: [0.1, 0.3, 0.5, 0.7, 0.9], contextLength: [1000, 1000, 1000, 1000, 1000],
        itlMilliseconds: itl, throughputPerGPU: [50, 90, 120, 140, 150], maximumKVTokens: 100_000)
    }
    let dip = try surface([10, 22, 24, 19.5, 26])
      .bestThroughput(itlMilliseconds: 20, contextLength: 1000)
    #expect(dip.meetsTarget)
    #expect(dip.kvUsage < 0.3)
    // A single slow sample does not cost the loads above it.
    let bump = try surface([10, 21, 15, 18, 19])
      .bestThroughput(itlMilliseconds: 20, contextLength: 1000)
    #expect(bump.meetsTarget)
    #expect(bump.kvUsage == 0.9)
  }

  @Test("no load above a full cache is chosen, even if a profile claims one")
  func neverOverfillsCache() throws {
    let surface = try DecodeSurface(
      kvUsage: [0.2, 0.8, 1.5], contextLength: [1000, 1000, 1000],
      itlMilliseconds: [10, 20, 30], throughputPerGPU: [50, 90, 120], maximumKVTokens: 100_000)
    #expect(surface.bestThroughput(itlMilliseconds: 100, contextLength: 1000).kvUsage == 1)
  }

  /// Peer fault 9, as ISL or OSL grows.
  @Test(
    "throughput rises with the context length only across rows of which the longer has more",
    arguments: TestProfile.inRows)
  func isMonotonicInContext(profile: TestProfile) throws {
    let surface = try profile.decode()
    for target in try targets(profile, count: 10) {
      func best(_ context: Double) -> Double {
        surface.bestThroughput(itlMilliseconds: target, contextLength: context).throughputPerGPU
      }
      for (shorter, longer) in zip(profile.contexts, profile.contexts.dropFirst()) {
        let atShorter = best(shorter)
        let atLonger = best(longer)
        var last = atShorter
        for context in logarithmic(shorter, longer, count: 30) {
          let throughput = best(context)
          #expect(throughput >= min(atShorter, atLonger) * (1 - 1e-12))
          #expect(throughput <= max(atShorter, atLonger) * (1 + 1e-12))
          if atShorter >= atLonger {
            #expect(throughput <= last * (1 + 1e-12), "\(target) ms at \(context)")
          }
          last = throughput
        }
      }
      // Outside the profiled contexts, too.
      let shortest = profile.contexts[0]
      let longest = profile.contexts.last ?? 1
      #expect(best(shortest / 1000) == best(shortest))
      #expect(best(longest * 3) <= best(longest * 2))
      #expect(best(longest * 2) <= best(longest))
    }
  }

  /// Peer fault 9: ITL 20 ms, 3600 requests / 180 s, OSL 500 took the original from 405 replicas
  /// at ISL 17,000 to one at 18,000 and 112 at 34,000.
  @Test("the original's collapse with growing ISL does not happen", arguments: TestProfile.inRows)
  func replicasDoNotCollapse(profile: TestProfile) throws {
    let surface = try profile.decode()
    var last = 0.0
    for isl in stride(from: 500.0, through: 60_000, by: 250) {
      let point = surface.bestThroughput(itlMilliseconds: 20, contextLength: isl + 250)
      let replicas = (3600.0 * 500 / 180 / point.throughputPerGPU).rounded(.up)
      #expect(replicas >= last, "ISL \(isl)")
      last = replicas
    }
  }
}
