/// Limits that the workers of a model state of themselves. One that nobody stated is nil.
public struct EngineLimits: Codable, Sendable, Equatable {
  /// Tokens of the longest context that is served.
  public var contextTokens: Double?
  /// Sequences of a batch at most (`max_num_seqs`).
  public var maximumSequences: Double?
  /// Prompt tokens of a step at most (`max_num_batched_tokens`).
  public var maximumBatchedTokens: Double?
  /// Tokens of a block of the KV cache.
  public var blockTokens: Double?
  /// Blocks of the KV cache.
  public var blocks: Double?

  /// Creates limits; none is stated unless it is said.
  public init(
    contextTokens: Double? = nil, maximumSequences: Double? = nil,
    maximumBatchedTokens: Double? = nil, blockTokens: Double? = nil, blocks: Double? = nil
  ) {
    self.contextTokens = contextTokens
    self.maximumSequences = maximumSequences
    self.maximumBatchedTokens = maximumBatchedTokens
    self.blockTokens = blockTokens
    self.blocks = blocks
  }

  /// Tokens that the KV cache holds; nil where one of its two numbers is not stated.
  public var kvTokens: Double? {
    blocks.flatMap { blocks in blockTokens.map { blocks * $0 } }
  }
}
