/// What a worker source answers.
public struct WorkerReport: Codable, Sendable, Equatable {
  /// The samples that could be taken, oldest first; empty when none could.
  public var samples: [WorkerSample]
  /// Why the newest sample is missing, as a sentence; nil when the last fetch worked. A report
  /// with a failure is not decided on: its samples are old.
  public var failure: String?
  /// What a person should know (malformed lines, label values that exist where the filter found
  /// nothing).
  public var warnings: [String]
  /// What the workers state of their limits; nil where they state nothing.
  public var limits: EngineLimits?

  /// Creates a report.
  public init(samples: [WorkerSample], failure: String? = nil, warnings: [String] = []) {
    self.samples = samples
    self.failure = failure
    self.warnings = warnings
  }
}
