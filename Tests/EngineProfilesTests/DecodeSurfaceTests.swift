import EngineProfiles
import Foundation
import Testing

@Suite struct DecodeSurfaceTests {
  /// The engine for which interpolation between rows is exact: every KV token and every sequence
  /// adds its share to the latency.
  static let linearEngine: DecodeSurface? = try? {
    let tokens = 100_000.0
    var columns: [[Double]] = [[], [], [], []]
    for context in [500.0, 2000, 10_000] {
      for usage in [0.05, 0.3, 0.7, 0.9] {
        columns[0].append(usage)
        columns[1].append(context)
        columns[2].append(linearITL(usage * tokens / context, context))
        columns[3].append(
          0.5 * usage * tokens / context / linearITL(usage * tokens / context, context) * 1000)
      }
    }
    return try DecodeSurface(
      kvUsage: columns[0], contextLength: columns[1], itlMilliseconds: columns[2],
      throughputPerGPU: columns[3], maximumKVTokens: tokens)
  }()

  static func linearITL(_ concurrency: Double, _ context: Double) -> Double {
    5 + 2e-4 * concurrency * context + 0.1 * concurrency
  }

  @Test("latency that is linear in KV tokens and sequences is reproduced between the rows")
  func reproducesLinearEngine() throws {
    let surface = try #require(Self.linearEngine)
    for context in logarithmic(500, 10_000, count: 37) {
      for usage in stride(from: 0.06, through: 0.9, by: 0.07) {
        let concurrency = usage * 100_000 / context
        let expected = Self.linearITL(concurrency, context)
        let itl = surface.itlMilliseconds(concurrency: concurrency, contextLength: context)
        #expect(abs(itl - expected) < 1e-9 * expected)
        let throughput = surface.throughputPerGPU(
          concurrency: concurrency, contextLength: context)
        #expect(abs(throughput - 0.5 * concurrency / expected * 1000) < 1e-9 * throughput)
      }
    }
  }

  @Test("the measured points of rows are reproduced", arguments: TestProfile.inRows)
  func reproducesPoints(profile: TestProfile) throws {
    let surface = try profile.decode()
    for i in profile.itl.indices {
      let concurrency = profile.concurrency(i)
      let context = profile.contextLength[i]
      let itl = surface.itlMilliseconds(concurrency: concurrency, contextLength: context)
      let throughput = surface.throughputPerGPU(concurrency: concurrency, contextLength: context)
      #expect(abs(itl - profile.itl[i]) < 1e-9 * itl)
      #expect(abs(throughput - profile.throughput[i]) < 1e-9 * throughput)
    }
  }

  /// The synthetic scattered profile has noise of about 5 %; its points are grouped, so they are
  /// met on the average only.
  @Test("the points of a scattered profile are met within their noise")
  func meetsScatteredPoints() throws {
    let profile = try #require(TestProfile.all.first { $0.name.contains("scattered") })
    let surface = try profile.decode()
    var error = 0.0
    for i in profile.itl.indices {
      let itl = surface.itlMilliseconds(
        concurrency: profile.concurrency(i), contextLength: profile.contextLength[i])
      error += abs(itl / profile.itl[i] - 1) / Double(profile.itl.count)
    }
    #expect(error < 0.03)
    #expect(surface.warnings.contains { $0.contains("within 25 % of each other") })
  }

  @Test(
    "answers are positive and never above the largest profiled throughput, for any load",
    arguments: TestProfile.all)
  func isPhysical(profile: TestProfile) throws {
    let surface = try profile.decode()
    let largest = try #require(profile.throughput.max())
    let fastest = try #require(profile.itl.min())
    for context in [-1, 0, 1e-9] + logarithmic(0.1, 1e9, count: 120) {
      for concurrency in [0, .infinity, 1e300] + logarithmic(1e-6, 1e9, count: 120) {
        let itl = surface.itlMilliseconds(concurrency: concurrency, contextLength: context)
        let throughput = surface.throughputPerGPU(
          concurrency: concurrency, contextLength: context)
        #expect(itl >= fastest && itl.isFinite)
        #expect(throughput <= largest)
        #expect(throughput > 0 || concurrency == 0)
      }
    }
    #expect(surface.throughputPerGPU(concurrency: -3, contextLength: 1000) == 0)
    #expect(surface.itlMilliseconds(concurrency: .nan, contextLength: 1000).isNaN)
    #expect(surface.itlMilliseconds(concurrency: 1, contextLength: .nan).isNaN)
    #expect(surface.throughputPerGPU(concurrency: 1, contextLength: .infinity).isNaN)
  }

  /// Peer fault 11: the original rounded the context length to a grid cell.
  @Test("a small step of the context length is a small step of the latency")
  func hasNoGrid() throws {
    for profile in TestProfile.inRows {
      let surface = try profile.decode()
      var last: Double?
      for context in logarithmic(profile.contexts[0], profile.contexts.last ?? 1, count: 20_000) {
        let concurrency = 0.4 * profile.maximumKVTokens / context
        let itl = surface.itlMilliseconds(concurrency: concurrency, contextLength: context)
        if let last { #expect(abs(itl / last - 1) < 0.002, "\(profile.name) at \(context)") }
        last = itl
      }
    }
  }

  @Test("shorter contexts than profiled keep their concurrency, longer ones their KV usage")
  func extrapolatesCarefully() throws {
    let surface = try #require(Self.linearEngine)
    func itl(_ concurrency: Double, _ context: Double) -> Double {
      surface.itlMilliseconds(concurrency: concurrency, contextLength: context)
    }
    #expect(itl(40, 10) == itl(40, 500))
    #expect(itl(2, 40_000) == itl(8, 10_000))
    // Neither promises more than the engine keeps.
    #expect(itl(40, 10) >= Self.linearITL(40, 10))
    #expect(itl(2, 40_000) >= Self.linearITL(2, 40_000))
  }

  @Test("beyond the last measured load a row goes on with its slope, up to a full cache")
  func continuesRows() throws {
    let surface = try #require(Self.linearEngine)
    let context = 2000.0
    func itl(_ usage: Double) -> Double {
      surface.itlMilliseconds(concurrency: usage * 100_000 / context, contextLength: context)
    }
    #expect(abs(itl(0.95) - Self.linearITL(0.95 * 50, context)) < 1e-9)
    #expect(itl(3) == itl(1))
  }

  @Test("a falling end of a row is not continued downwards")
  func tailNeverFalls() throws {
    let surface = try DecodeSurface(
      kvUsage: [0.1, 0.2, 0.3], contextLength: [1000, 1000, 1000],
      itlMilliseconds: [30, 20, 10], throughputPerGPU: [1, 2, 3], maximumKVTokens: 10_000)
    #expect(surface.itlMilliseconds(concurrency: 8, contextLength: 1000) == 10)
  }

  @Test("a context length with one load only borrows the slope of its nearest neighbour")
  func borrowsSlope() throws {
    let surface = try DecodeSurface(
      kvUsage: [0.2, 0.6, 0.2, 0.6, 0.5], contextLength: [1000, 1000, 2000, 2000, 4000],
      itlMilliseconds: [10, 20, 8, 12, 9], throughputPerGPU: [90, 140, 60, 120, 30],
      maximumKVTokens: 100_000)
    // 0.2 of the cache more at 4000 tokens costs what it costs at 2000: 2 ms.
    let itl = surface.itlMilliseconds(concurrency: 0.7 * 25, contextLength: 4000)
    #expect(abs(itl - 11) < 1e-12)
  }

  @Test("queries outside the measured contexts and loads are told apart")
  func flagsExtrapolation() throws {
    let surface = try #require(Self.linearEngine)
    #expect(surface.contextRange == 500...10_000)
    #expect(surface.extrapolations(concurrency: 30, contextLength: 2000).isEmpty)
    #expect(surface.extrapolations(concurrency: 45, contextLength: 2000).isEmpty)
    #expect(surface.extrapolations(contextLength: 700).isEmpty)
    #expect(
      surface.extrapolations(concurrency: 1, contextLength: 100)
        == [.contextLength(100, profiled: 500...10_000)])
    let found = surface.extrapolations(concurrency: 20, contextLength: 20_000)
    #expect(found.count == 2)
    #expect(
      found.last?.description.hasPrefix(
        "KV cache usage 400 % is above the 90 % measured around this context length") == true)
    #expect(!surface.extrapolations(contextLength: .nan).isEmpty)
  }
}
