/// Finds the fewest replicas that are enough.
enum ReplicaSearch {
  /// The fewest replicas, at least `first`, that are enough; ``ReplicaSizing/largestCount`` when no
  /// fewer are.
  ///
  /// - Parameters:
  ///   - first: to begin with.
  ///   - isEnough: stays true once it is.
  static func fewest(from first: Int, isEnough: (Int) -> Bool) -> Int {
    let most = ReplicaSizing.largestCount
    var low = min(max(1, first), most)
    if isEnough(low) { return low }
    var step = 1
    var high = low
    repeat {
      low = high
      guard low < most else { return most }
      high = min(most, low + step)
      step *= 2
    } while !isEnough(high)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isEnough(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
