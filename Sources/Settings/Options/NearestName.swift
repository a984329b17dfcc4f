/// Finds what somebody may have meant.
package enum NearestName {
  /// The candidate with the least edit distance to `name`, compared in lower case with `-` as `_`;
  /// the first of several equally near ones; nil only without candidates.
  package static func find(_ name: String, among candidates: [String]) -> String? {
    let wanted = normal(name)
    return candidates.map { ($0, distance(wanted, normal($0))) }.min { $0.1 < $1.1 }?.0
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other
  /// (optimal string alignment distance).
  package static func distance(_ left: String, _ right: String) -> Int {
    distance(Array(left.utf8), Array(right.utf8))
  }

  private static func normal(_ name: String) -> [UInt8] {
    PlannerOption.fileKey(for: String(name.prefix(100))).lowercased().utf8.map { $0 }
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let isSame = left[row] == right[column]
        var best = min(
          last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
