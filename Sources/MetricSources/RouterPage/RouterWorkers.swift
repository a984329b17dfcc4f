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
  /// Why nothing must be decided on the page at all, as a sentence: it contradicts itself, or its
  /// workers can't be told from another model's; nil when it can be used.
  public var fault: String?
}
