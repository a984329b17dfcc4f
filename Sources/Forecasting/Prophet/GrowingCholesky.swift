/// A Cholesky factor L of a symmetric positive definite matrix L Lᵀ that grows and shrinks by rows
/// at its end; O(size²) for a row and for a solution.
struct GrowingCholesky {
  private let capacity: Int
  private var lower: [Double]
  /// Number of rows.
  private(set) var size = 0

  /// An empty factor for at most `capacity` rows.
  init(capacity: Int) {
    self.capacity = capacity
    lower = [Double](repeating: 0, count: capacity * capacity)
  }

  /// Forgets the rows from `size` on.
  mutating func truncate(to size: Int) {
    self.size = min(self.size, size)
  }

  /// Appends a row of the matrix, unless it depends on those before it within rounding: where the
  /// pivot is below 10⁻¹² of the diagonal element, nothing changes.
  ///
  /// - Parameter element: the matrix's element in the new row and the given column, for the
  ///   columns before the diagonal and the diagonal.
  /// - Returns: whether the row was appended.
  mutating func append(_ element: (_ column: Int) -> Double) -> Bool {
    let base = size * capacity
    let diagonal = element(size)
    var pivot = diagonal
    for column in 0..<size {
      var sum = element(column)
      let other = column * capacity
      for inner in 0..<column { sum -= lower[base + inner] * lower[other + inner] }
      let value = sum / lower[other + column]
      lower[base + column] = value
      pivot -= value * value
    }
    guard pivot > 1e-12 * diagonal else { return false }
    lower[base + size] = pivot.squareRoot()
    size += 1
    return true
  }

  /// The solution x of L Lᵀ x = right.
  func solve(_ right: [Double]) -> [Double] {
    var solution = right
    for row in 0..<size {
      var sum = solution[row]
      for column in 0..<row { sum -= lower[row * capacity + column] * solution[column] }
      solution[row] = sum / lower[row * capacity + row]
    }
    for row in (0..<size).reversed() {
      let value = solution[row] / lower[row * capacity + row]
      solution[row] = value
      for column in 0..<row { solution[column] -= lower[row * capacity + column] * value }
    }
    return solution
  }
}
