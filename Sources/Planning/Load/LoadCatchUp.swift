/// How load-based scaling catches up with traffic that has outgrown the deployment.
///
/// The original goes up by one, and only when every worker of one instantaneous sample is above the
/// target load: with tens of workers that comes late, and then takes as many decisions as workers
/// are missing. Here as many are added as bring the mean load back to the target, and no single
/// sample decides.
public struct LoadCatchUp: Codable, Sendable, Equatable {
  /// How many of one decision's samples must agree, at least 1; nil for the majority.
  public var agreeingSamples: Int?

  /// Creates it.
  public init(agreeingSamples: Int? = nil) {
    self.agreeingSamples = agreeingSamples
  }

  /// How many of `samples` must agree: never more than there are.
  func needed(of samples: Int) -> Int {
    min(max(1, agreeingSamples ?? samples / 2 + 1), max(1, samples))
  }
}

/// How many samples agree with what a side says.
public struct SampleAgreement: Codable, Sendable, Equatable {
  /// Samples that say so.
  public var agreeing: Int
  /// Samples that were looked at.
  public var samples: Int
  /// Samples that had to agree.
  public var needed: Int

  /// Creates an agreement.
  public init(agreeing: Int, samples: Int, needed: Int) {
    self.agreeing = agreeing
    self.samples = samples
    self.needed = needed
  }
}
