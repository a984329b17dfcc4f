/// Finds the fewest replicas that are enough.
enum ReplicaSearch {
  /// The fewest replicas that are enough; ``ReplicaSizing/largestCount`` when no fewer are.
  ///
  /// - Parameters:
  ///   - guess: where to look first; a good one saves time.
  ///   - bound: replicas that are known to be enough; nil when none are.
  ///   - isEnough: stays true once it is.
  static func fewest(near guess: Int, atMost bound: Int? = nil, isEnough: (Int) -> Bool) -> Int {
    let most = bound ?? ReplicaSizing.largestCount
    // `low` is not enough, `high` is, or is the most there may be.
    var (low, high) = (0, most)
    var step = 1
    var probe = min(max(1, guess), most - 1)
    while probe > low, probe < high {
      if isEnough(probe) { high = probe } else { low = probe }
      // Away from the guess in growing steps; once the answer is enclosed, by halves.
      if low == 0 {
        probe = max(1, high - step)
      } else if high == most {
        probe = min(most - 1, low + step)
      } else {
        probe = low + (high - low) / 2
      }
      step *= 2
    }
    return high
  }
}
