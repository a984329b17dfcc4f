import Planning
import Testing

@testable import Simulation

@Suite("Prompts that begin alike")
struct PrefixCacheTests {
  static func trace(_ text: String) throws -> RequestTrace {
    var reader = TraceReader()
    try reader.read(Array(text.utf8))
    return try reader.finish().trace
  }

  static let lines = """
    {"timestamp": 0, "input_length": 1200, "output_length": 2, "hash_ids": [0, 1, 2]}
    {"timestamp": 60000, "input_length": 1500, "output_length": 2, "hash_ids": [0, 1, 9]}
    {"timestamp": 120000, "input_length": 100, "output_length": 2, "hash_ids": [7]}
    """

  @Test("a Mooncake trace tells the blocks of its prompts, also sorted and shaped")
  func blocks() throws {
    let trace = try Self.trace(Self.lines)
    #expect(trace.tellsBlocks)
    #expect(Array(trace.blocks(of: 1)) == [0, 1, 9])
    #expect(Array(trace.sorted().blocks(of: 2)) == [7])
    let twice = try TraceShaping(scale: 2).apply(to: trace, seed: 1)
    #expect(Array(twice.blocks(of: 0)) == [0, 1, 2])
    // The copy is somebody else's prompt.
    #expect(Set(twice.blocks(of: 1)).isDisjoint(with: [0, 1, 2]))
  }

  @Test(
    "what is no list of ids counts as none",
    arguments: ["", ", \"hash_ids\": null", ", \"hash_ids\": [1, \"x\"]", ", \"hash_ids\": [1"])
  func noBlocks(rest: String) {
    let line = Array("{\"timestamp\": 0\(rest)".utf8)
    #expect(BlockIDs.of(line[...]).isEmpty)
  }

  @Test("the blocks that were not asked for the longest go first")
  func leastRecentlyUsed() {
    var cache = PrefixCache(capacity: 10)
    cache.take([1, 2, 3][...])
    cache.take([4, 5, 6][...])
    cache.take([1, 2, 3][...])
    #expect(cache.held([1, 2, 3, 99][...]) == 3)
    cache.take([7, 8, 9, 10, 11][...])
    #expect(cache.held([1, 2, 3][...]) == 3)
    #expect(cache.held([4][...]) == 0)
    #expect(cache.held([99, 1][...]) == 0)
  }

  @Test("cached tokens cost nothing, the others what they cost behind them")
  func shorterPrefill() throws {
    // A millisecond a token.
    let profile = try Engines.ideal(prefillSecondsPerToken: 0.001)
    func ttft(_ blocks: Int) throws -> [Float] {
      var settings = SimulationSettings.small()
      settings.cluster.prefixCacheBlocks = blocks
      return try SimulationRun(
        trace: Self.trace(Self.lines), profile: profile, settings: settings
      ).finished().log.ttft
    }
    let without = try ttft(0)
    let with = try ttft(100)
    #expect((without[1] - 1500).magnitude < 5)
    #expect((with[0] - 1200).magnitude < 5)
    // 1024 of its 1500 tokens are there.
    #expect((with[1] - 477).magnitude < 5)
    #expect((with[2] - 100).magnitude < 5)
  }

  @Test(
    "the router sends a prompt to the worker that holds its beginning, and tells how much it holds")
  func routing() throws {
    let profile = try Engines.ideal(prefillSecondsPerToken: 0.0001)
    var settings = SimulationSettings.small(prefill: 8)
    settings.cluster.prefixCacheBlocks = 100
    var trace = RequestTrace()
    for index in 0..<200 {
      // Eight conversations, each of 4 blocks.
      let first = Int32(index % 8) * 10
      trace.append(
        arrival: Double(index) * 2, isl: 2048, osl: 1,
        blocks: [first, first + 1, first + 2, first + 3])
    }
    let counters = try SimulationRun(trace: trace, profile: profile, settings: settings)
      .finished().counters
    #expect(counters.cachedTokens / counters.routedTokens > 0.9)
  }
}
