/// Work of which it can be said whether some replicas keep it within its target.
protocol SizedWork: Sendable {
  /// Requests a second.
  var rate: Double { get }
  /// Share of the requests that is to meet the target.
  var quantile: Double { get }
  /// Replicas that may be enough: where to look first.
  var likelyReplicas: Double { get }

  /// The same requests at another rate, with another share to meet the target.
  func with(rate: Double, quantile: Double) -> Self
  /// Whether these replicas are enough; stays true once it is.
  func isEnough(_ replicas: Int) -> Bool
}

extension SizedWork {
  /// The fewest replicas that are enough; ``ReplicaSizing/largestCount`` when no fewer are.
  ///
  /// - Parameter bound: replicas that are known to be enough; nil when none are.
  func fewest(atMost bound: Int? = nil) -> Int {
    let likely = min(max(0, likelyReplicas), Double(ReplicaSizing.largestCount))
    return ReplicaSearch.fewest(
      near: likely.isNaN ? 0 : Int(likely) + 1, atMost: bound, isEnough: isEnough)
  }
}
