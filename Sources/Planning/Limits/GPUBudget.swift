/// The most GPUs that the scaled components may hold together, and the rule that keeps to it.
public struct GPUBudget: Sendable, Equatable {
  /// GPUs, at least 0; nil for no limit.
  public let gpus: Int?
  /// The fewest replicas of each component.
  public let minimums: [Component: Int]
  /// GPUs of one replica, at least 1.
  public let gpusPerReplica: [Component: Int]

  /// Creates the budget of `policy`.
  public init(_ policy: PlanningPolicy) {
    gpus = policy.gpuBudget.map { max(0, $0) }
    minimums = Dictionary(
      uniqueKeysWithValues: policy.mode.components.map { ($0, policy.minimum(of: $0)) })
    gpusPerReplica = Dictionary(
      uniqueKeysWithValues: policy.mode.components.map { ($0, policy.gpus(of: $0)) })
  }

  /// GPUs that `counts` hold together; saturates instead of overflowing.
  public func gpusHeld(by counts: [Component: Int]) -> Int {
    counts.reduce(0) { sum, entry in
      let product = entry.value.multipliedReportingOverflow(by: gpusPerReplica[entry.key] ?? 1)
      let next = sum.addingReportingOverflow(product.overflow ? Int.max : product.partialValue)
      return next.overflow ? Int.max : next.partialValue
    }
  }

  /// GPUs that the fewest replicas of every component need.
  public var minimumGPUs: Int {
    gpusHeld(by: minimums)
  }

  /// Checks that the fewest replicas of each component fit.
  ///
  /// - Throws: ``PlanningError/budgetBelowMinimum(budget:needed:minimumReplicas:)``.
  public func check() throws(PlanningError) {
    guard let gpus, gpus < minimumGPUs else { return }
    throw .budgetBelowMinimum(
      budget: gpus, needed: minimumGPUs, minimumReplicas: minimums.values.max() ?? 1)
  }

  /// Shrinks `desired` until it fits beside the components that keep their count.
  ///
  /// One component gets what fits. With two, both shrink in proportion, rounded down; prefill keeps
  /// at most what leaves decode its minimum; the rest goes to decode, but no more than it asked
  /// for; GPUs still free then go back to prefill, up to what it asked for. All arithmetic is on
  /// integers. Postconditions, without kept components: never above the budget, never above
  /// `desired`, never below the minimum (where `desired` is not). Beside kept components that hold
  /// too much already, nothing is left: 0.
  ///
  /// - Parameters:
  ///   - desired: replicas wanted, each at least the minimum.
  ///   - kept: replicas of the components that are not for this decision to change.
  /// - Throws: ``PlanningError/budgetBelowMinimum(budget:needed:minimumReplicas:)``.
  public func limit(
    _ desired: [Component: Int], beside kept: [Component: Int] = [:]
  ) throws(PlanningError) -> [Component: Int] {
    guard let gpus else { return desired }
    try check()
    let left = max(0, gpus - gpusHeld(by: kept))
    return fit(desired, into: left, minimums: kept.isEmpty ? minimums : [:])
  }

  /// Raises `counts` towards `wanted` as far as GPUs are free; what is short is shared in
  /// proportion. No count is lowered.
  public func raise(_ counts: [Component: Int], to wanted: [Component: Int]) -> [Component: Int] {
    let missing = counts.reduce(into: [Component: Int]()) { missing, entry in
      missing[entry.key] = max(0, (wanted[entry.key] ?? 0) - entry.value)
    }
    let granted =
      gpus.map { fit(missing, into: max(0, $0 - gpusHeld(by: counts)), minimums: [:]) } ?? missing
    return counts.reduce(into: [:]) { raised, entry in
      raised[entry.key] = entry.value + (granted[entry.key] ?? 0)
    }
  }

  private func fit(
    _ desired: [Component: Int], into gpus: Int, minimums: [Component: Int]
  ) -> [Component: Int] {
    let total = gpusHeld(by: desired)
    guard total > gpus else { return desired }
    guard let prefill = desired[.prefill], let decode = desired[.decode] else {
      return desired.reduce(into: [:]) { limited, entry in
        limited[entry.key] = min(entry.value, gpus / (gpusPerReplica[entry.key] ?? 1))
      }
    }
    let prefillGPUs = gpusPerReplica[.prefill] ?? 1
    let decodeGPUs = gpusPerReplica[.decode] ?? 1
    let proportional = Int(Int128(prefill) * Int128(gpus) / Int128(total))
    let leavesDecodeItsMinimum = (gpus - (minimums[.decode] ?? 0) * decodeGPUs) / prefillGPUs
    let limitedPrefill = max(
      minimums[.prefill] ?? 0, min(leavesDecodeItsMinimum, proportional))
    let limitedDecode = min(
      decode, max(minimums[.decode] ?? 0, (gpus - limitedPrefill * prefillGPUs) / decodeGPUs))
    return [
      .prefill: min(prefill, (gpus - limitedDecode * decodeGPUs) / prefillGPUs),
      .decode: limitedDecode,
    ]
  }
}
