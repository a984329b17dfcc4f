/// Whether a profiled quantity can be computed with: positive, and so far from the ends of the
/// number range that no product or quotient of a few of them overflows.
func isUsable(_ value: Double) -> Bool { value >= 1e-12 && value <= 1e15 }

/// `value` moved into the closed range; NaN stays NaN. Unlike a `ClosedRange` it can't trap.
func clamped(_ value: Double, _ low: Double, _ high: Double) -> Double {
  value < low ? low : value > high ? high : value
}
