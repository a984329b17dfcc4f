/// An engine in six numbers: what its profile, what was learned of it and an estimate have in common.
///
/// A step that gives every sequence of the batch a token takes
/// `a + b · KV tokens + c · sequences`: what a step costs at all (reading the weights), what it costs
/// to read the cache, and what each sequence adds. A prompt takes `e + f · tokens + g · tokens²`, on
/// its own or as so much more in the steps that it is in: the overhead of a request, the matrices,
/// and attention, which sees every token before it. All are at least 0, so more work never takes less
/// time. How well that fits measured engines: docs/design/engines.md.
public struct EngineParameters: Codable, Sendable, Equatable {
  /// a: milliseconds of a step with nothing in it.
  public var step: Double
  /// b: milliseconds that a token in the KV cache adds to a step.
  public var perKVToken: Double
  /// c: milliseconds that a sequence adds to a step.
  public var perSequence: Double
  /// e: milliseconds of a prompt without tokens.
  public var prompt: Double
  /// f: milliseconds that a token adds to its prompt.
  public var perPromptToken: Double
  /// g: milliseconds that a pair of tokens adds to its prompt.
  public var perSquaredPromptToken: Double

  /// Creates parameters.
  public init(
    step: Double, perKVToken: Double, perSequence: Double, prompt: Double, perPromptToken: Double,
    perSquaredPromptToken: Double
  ) {
    self.step = step
    self.perKVToken = perKVToken
    self.perSequence = perSequence
    self.prompt = prompt
    self.perPromptToken = perPromptToken
    self.perSquaredPromptToken = perSquaredPromptToken
  }

  /// Milliseconds of a step with `sequences` that hold `kvTokens` together.
  public func stepMilliseconds(sequences: Double, kvTokens: Double) -> Double {
    step + perKVToken * kvTokens + perSequence * sequences
  }

  /// Milliseconds of a prompt.
  public func promptMilliseconds(tokens: Double) -> Double {
    prompt + (perPromptToken + perSquaredPromptToken * tokens) * tokens
  }

  /// All six in the order of the properties.
  public var values: [Double] {
    [step, perKVToken, perSequence, prompt, perPromptToken, perSquaredPromptToken]
  }

  /// The parameters of ``values``; nil unless there are six numbers of at least 0.
  public init?(values: [Double]) {
    guard values.count == 6, values.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return nil }
    self.init(
      step: values[0], perKVToken: values[1], perSequence: values[2], prompt: values[3],
      perPromptToken: values[4], perSquaredPromptToken: values[5])
  }

  /// An engine that takes `factor` times as long for everything.
  public func scaled(by factor: Double) -> EngineParameters {
    EngineParameters(
      step: step * factor, perKVToken: perKVToken * factor, perSequence: perSequence * factor,
      prompt: prompt * factor, perPromptToken: perPromptToken * factor,
      perSquaredPromptToken: perSquaredPromptToken * factor)
  }
}
