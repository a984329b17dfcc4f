import Planning

/// The live workers on a router's page.
public struct RouterWorkers: Sendable, Equatable {
  /// The workers, sorted by component and id.
  public var live: [WorkerGauges]
  /// Sentences about what was left out or refused.
  public var warnings: [String]
  /// Why none of the workers shown is meant, as a sentence that names the models and namespaces
  /// there are; nil when some are, or when the page shows no worker at all.
  public var mismatch: String?
}
