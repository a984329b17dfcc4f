import Planning

/// The live workers on a router's page.
public struct RouterWorkers: Sendable, Equatable {
  /// The workers, sorted by component and id.
  public var live: [WorkerGauges]
  /// Sentences about what was left out or refused.
  public var warnings: [String]
}
