/// XᵀX and Xᵀy of a design X, without X: the products with hinges come from sums over the tails
/// of the series, so the cost is O(n · q²) for q Fourier columns and does not grow with the number
/// of changepoints.
struct ProphetNormalEquations: Sendable {
  /// Number of columns.
  let size: Int
  /// XᵀX, row by row.
  private(set) var gram: [Double]
  /// Xᵀy.
  private(set) var right: [Double]

  init(_ design: ProphetDesign) {
    size = design.coefficientCount
    gram = [Double](repeating: 0, count: size * size)
    right = [Double](repeating: 0, count: size)
    addFeatureProducts(design)
    addHingeProducts(design)
  }

  /// Products among the offset's column and the Fourier columns, and of both with the values.
  private mutating func addFeatureProducts(_ design: ProphetDesign) {
    let width = design.width
    var products = [Double](repeating: 0, count: width * width)
    for row in design.times.indices {
      let base = row * width
      for first in 0..<width {
        let factor = design.features[base + first]
        let target = first * width
        for second in first..<width {
          products[target + second] += factor * design.features[base + second]
        }
      }
    }
    // The values' row and column (1) become the right-hand side; the others move together.
    for first in 0..<width where first != 1 {
      let index = first == 0 ? 0 : first - 1
      right[index] = products[min(first, 1) * width + max(first, 1)]
      for second in first..<width where second != 1 {
        set(index, second == 0 ? 0 : second - 1, products[first * width + second])
      }
    }
  }

  /// Products of the hinges. With knots taken from the last to the first, the tail's sums of z and
  /// of (t − s) · z follow from those of the next knot s' = s + Δ:
  ///
  ///     Σ(t − s)z  = Σ'(t − s')z + Δ Σ'z + (the points between the knots)
  ///     Σ(t − s)²  = Σ'(t − s')² + 2Δ Σ'(t − s') + Δ² Σ'1 + (the points between)
  ///
  /// where every term is of the same sign for z = 1: nothing cancels.
  private mutating func addHingeProducts(_ design: ProphetDesign) {
    let width = design.width
    var sums = [Double](repeating: 0, count: width)
    var moments = [Double](repeating: 0, count: width)
    var secondMoment = 0.0
    var end = design.times.count
    for knot in design.knotRows.indices.reversed() {
      let first = design.knotRows[knot]
      let position = design.scaledTimes[first]
      if end < design.times.count {
        let shift = design.scaledTimes[end] - position
        secondMoment += shift * (2 * moments[0] + shift * sums[0])
        for column in 0..<width { moments[column] += shift * sums[column] }
      }
      for row in first..<end {
        let distance = design.scaledTimes[row] - position
        secondMoment += distance * distance
        for column in 0..<width {
          let value = design.features[row * width + column]
          sums[column] += value
          moments[column] += distance * value
        }
      }
      end = first

      let index = design.growthIndex + knot
      right[index] = moments[1]
      set(0, index, moments[0])
      for column in 0..<design.seasonalColumns { set(1 + column, index, moments[2 + column]) }
      for other in 0...knot {
        let gap = position - design.scaledTimes[design.knotRows[other]]
        set(design.growthIndex + other, index, secondMoment + gap * moments[0])
      }
    }
  }

  private mutating func set(_ row: Int, _ column: Int, _ value: Double) {
    gram[row * size + column] = value
    gram[column * size + row] = value
  }
}
