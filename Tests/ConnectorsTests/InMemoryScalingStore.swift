import Connectors
import Invocation

/// The virtual connector's values without etcd, for rules that need no second process.
actor InMemoryScalingStore: VirtualScalingStore {
  private(set) var values: VirtualScalingValues
  private(set) var writes = 0

  init(_ values: VirtualScalingValues = VirtualScalingValues()) { self.values = values }

  func read() -> VirtualScalingValues { values }

  func write(_ new: VirtualScalingValues, ifDecisionIs expected: Int?) -> Bool {
    guard values.decisionID == expected else { return false }
    values.prefillWorkers = new.prefillWorkers ?? values.prefillWorkers
    values.decodeWorkers = new.decodeWorkers ?? values.decodeWorkers
    values.decisionID = new.decisionID
    values.decidedAt = new.decidedAt
    writes += 1
    return true
  }

  func acknowledge(_ id: Int) { values.scaledDecisionID = id }
}
