/// Solves a symmetric positive definite system of a few unknowns.
public enum CholeskySolver {
  /// Solves `A x = b`.
  ///
  /// Cost: n³/6 multiplications.
  ///
  /// - Parameters:
  ///   - matrix: A, row by row, n · n elements; only the lower triangle is read.
  ///   - rightSide: b, n elements.
  /// - Returns: x; nil when A is not positive definite within rounding, or not finite.
  public static func solve(_ matrix: [Double], _ rightSide: [Double]) -> [Double]? {
    let n = rightSide.count
    precondition(matrix.count == n * n)
    var factor = matrix
    var solution = rightSide
    for row in 0..<n {
      for column in 0...row {
        var sum = factor[row * n + column]
        for k in 0..<column { sum -= factor[row * n + k] * factor[column * n + k] }
        if column < row {
          factor[row * n + column] = sum / factor[column * n + column]
        } else {
          // A pivot that lost all its digits is no pivot.
          guard sum > 1e-15 * matrix[row * n + row], sum.isFinite else { return nil }
          factor[row * n + row] = sum.squareRoot()
        }
      }
    }
    for row in 0..<n {
      for k in 0..<row { solution[row] -= factor[row * n + k] * solution[k] }
      solution[row] /= factor[row * n + row]
    }
    for row in (0..<n).reversed() {
      for k in (row + 1)..<max(n, row + 1) { solution[row] -= factor[k * n + row] * solution[k] }
      solution[row] /= factor[row * n + row]
    }
    return solution.allSatisfy(\.isFinite) ? solution : nil
  }
}
