import EngineProfiles
import Planning
import Testing

@testable import Commands

@Suite("What was learned of the engines, shown and written")
struct ProfileLearnTests {
  @Test("the files that are written are a profile again, with the same latencies")
  func files() throws {
    let engine = try #require(EnginePrior.named("h100-70b-tp4"))
    let profile = try EngineProfile(engine.parameters, maximumKVTokens: 224_133, prefillGPUs: 4)
    let files = LearnedProfileFiles(profile).named
    #expect(files.map(\.name) == ["prefill_raw_data.json", "decode_raw_data.json"])
    let again = try EngineProfile(
      prefillFile: .init(name: files[0].name, bytes: Array(files[0].text.utf8)),
      decodeFile: .init(name: files[1].name, bytes: Array(files[1].text.utf8)))
    #expect(again.warnings.isEmpty)
    #expect(
      again.prefill?.ttftMilliseconds(isl: 3000) == profile.prefill?.ttftMilliseconds(isl: 3000))
    #expect(
      again.decode?.itlMilliseconds(concurrency: 20, contextLength: 2000)
        == profile.decode?.itlMilliseconds(concurrency: 20, contextLength: 2000))
  }

  @Test("the text shows what was believed, what was seen and what follows")
  func text() throws {
    var learning = EngineLearning(try #require(EnginePrior.named("h200-8b")))
    for index in 1...10 {
      learning.observe(
        [
          EngineObservation(
            end: index * 15, promptsPerSecond: 2, promptTokens: 1000, squaredPromptTokens: 2e6,
            sequences: 12, contextTokens: 1100, ttft: 60, itl: 9, requests: 30)
        ], isAggregated: false)
    }
    let text = LearnedEngineText(learning).text
    #expect(text.contains("10 stretches of traffic (10 kept), beginning with 'h200-8b'"))
    #expect(text.contains("12.0…12.0 sequences") || text.contains("12…12 sequences"))
    #expect(text.contains("4.37"))
    #expect(text.contains("ITL contradicts 'h200-8b'"))
  }
}
