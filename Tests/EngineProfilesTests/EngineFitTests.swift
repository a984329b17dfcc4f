import TestSupport
import Testing

@testable import EngineProfiles

@Suite("The engine in six numbers")
struct EngineFitTests {
  static let parameters = EngineParameters(
    step: 6, perKVToken: 0.0005, perSequence: 0.2, prompt: 12, perPromptToken: 0.05,
    perSquaredPromptToken: 1e-6)

  /// Largest median errors that the four measured engines may have: steps, prompts, a point left
  /// out, a context length left out (docs/design/engines.md).
  @Test(
    "six numbers stand for each measured engine",
    arguments: [
      ("h200-llama3.1-8b-tp1", 0.03, 0.02, 0.03, 0.03),
      ("h100-llama3.3-70b-tp8", 0.03, 0.03, 0.03, 0.06),
      ("h100-llama3.3-70b-tp4", 0.05, 0.02, 0.05, 0.08),
      ("cpu-vllm0320-tiny-llama", 0.03, 0.03, 0.04, 0.08),
    ])
  func measured(
    _ name: String, steps: Double, prompts: Double, leftOut: Double, rowLeftOut: Double
  ) throws {
    let fit = try #require(EngineFit(try Fixture.profile(name)))
    #expect(fit.decode.median <= steps)
    #expect(fit.prefill.median <= prompts)
    #expect(fit.decode.leftOut <= leftOut)
    #expect(fit.decode.rowLeftOut <= rowLeftOut)
    #expect(fit.parameters.step > 0)
    #expect(fit.parameters.perKVToken > 0)
    #expect(fit.parameters.perSequence > 0)
  }

  @Test("one absurd prompt of the H100 profile does not bend the fit")
  func outlier() throws {
    // The profile says 498 ms for 6205 tokens, between 162 for 4170 and 321 for 8240.
    let fit = try #require(EngineFit(try Fixture.profile("h100-llama3.3-70b-tp8")))
    let expected = fit.parameters.promptMilliseconds(tokens: 6205)
    #expect((200...280).contains(expected))
  }

  @Test("a profile made of parameters gives them back")
  func roundTrip() throws {
    let profile = try EngineProfile(Self.parameters, maximumKVTokens: 200_000)
    let fit = try #require(EngineFit(profile))
    for (found, given) in zip(fit.parameters.values, Self.parameters.values) {
      #expect((found / given - 1).magnitude < 1e-6)
    }
    #expect(fit.decode.median < 1e-9)
    #expect(profile.warnings.isEmpty)
  }

  @Test("a profile made of parameters is exact, and within 0.5 % for a sequence alone")
  func exact() throws {
    let surface = try #require(
      try EngineProfile(Self.parameters, maximumKVTokens: 200_000).decode)
    for (sequences, context) in [(1.0, 100.0), (3, 900), (40, 4000), (2, 60_000)] {
      let expected = Self.parameters.stepMilliseconds(
        sequences: sequences, kvTokens: sequences * context)
      let found = surface.itlMilliseconds(concurrency: sequences, contextLength: context)
      #expect(
        (found / expected - 1).magnitude < (sequences == 1 ? 0.005 : 1e-9),
        "\(sequences) × \(context)")
    }
  }

  @Test("prompts between powers of two take what the parameters say, within 2 %")
  func prompts() throws {
    let curve = try #require(
      try EngineProfile(Self.parameters, maximumKVTokens: 200_000, prefillGPUs: 2).prefill)
    for tokens in [20.0, 90, 700, 3000, 20_000, 100_000] {
      let expected = Self.parameters.promptMilliseconds(tokens: tokens)
      #expect((curve.ttftMilliseconds(isl: tokens) / expected - 1).magnitude < 0.02)
      #expect(
        (curve.gpuSecondsPerPrompt(isl: tokens) * 500 / expected - 1).magnitude < 0.02)
    }
  }

  @Test("coefficients are never negative, whatever noise says")
  func nonNegative() throws {
    // Steps that fall with the sequences: the best that is not negative is a constant.
    let points = (1...8).map { index in
      RelativeFit.Point(
        row: Double(index), terms: [1, 100 * Double(index), Double(index)],
        value: 20 - Double(index))
    }
    let fit = try #require(RelativeFit.coefficients(points))
    #expect(fit.allSatisfy { $0 >= 0 })
    #expect(fit[1] == 0 && fit[2] == 0)
  }

  @Test("parameters are six numbers of at least 0")
  func values() {
    #expect(EngineParameters(values: Self.parameters.values) == Self.parameters)
    #expect(EngineParameters(values: [1, 2, 3]) == nil)
    #expect(EngineParameters(values: [1, 1, 1, 1, -1, 1]) == nil)
    #expect(EngineParameters(values: [1, 1, 1, 1, .nan, 1]) == nil)
    #expect(Self.parameters.scaled(by: 2).promptMilliseconds(tokens: 100) == 34.02)
  }
}
