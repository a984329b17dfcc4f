/// Finds a step along a descent direction that satisfies the strong Wolfe conditions.
///
/// Source: J. Nocedal, S. J. Wright, *Numerical Optimization*, 2nd edition, algorithms 3.5, 3.6
/// and equation 3.59. Departures: trials stay within the inner part of their bracket; near the
/// minimum, where rounding hides the decrease, the slope decides alone (W. Hager, H. Zhang 2005,
/// "approximate Wolfe conditions").
struct WolfeLineSearch: Sendable {
  /// Share of the decrease promised by the slope that a step has to bring.
  var sufficientDecrease = 1e-4
  /// Share of the slope's magnitude that may be left.
  var curvature = 0.9
  /// Trials of bracketing and narrowing together.
  var maximumTrials = 40

  /// Value and slope at one step length.
  struct Sample {
    var step: Double
    var value: Double
    var slope: Double

    /// A trial outside the objective's domain.
    var isUsable: Bool { value.isFinite && slope.isFinite }
  }

  /// Searches from `origin` (step 0, slope below 0).
  ///
  /// - Returns: an acceptable sample, or the lowest one when the trials are used up; nil when
  ///   nothing lower than the origin was found.
  func search(
    from origin: Sample, firstStep: Double, evaluate: (Double) -> Sample
  ) -> Sample? {
    var previous = origin
    var step = firstStep
    for trial in 0..<maximumTrials {
      let current = evaluate(step)
      if !current.isUsable || !decreasesEnough(current, origin)
        || (trial > 0 && current.value >= previous.value)
      {
        return narrow(
          low: previous, high: current, origin: origin, trials: maximumTrials - trial - 1,
          evaluate: evaluate)
      }
      if abs(current.slope) <= -curvature * origin.slope { return current }
      if current.slope >= 0 {
        return narrow(
          low: current, high: previous, origin: origin, trials: maximumTrials - trial - 1,
          evaluate: evaluate)
      }
      let beyond = cubicMinimum(previous, current)
      previous = current
      step = min(max(beyond.isFinite ? beyond : 0, 2 * step), 10 * step)
      if !step.isFinite { break }
    }
    return previous.step > 0 ? previous : nil
  }

  /// Narrows a bracket whose `low` end is the lowest acceptable sample so far.
  private func narrow(
    low: Sample, high: Sample, origin: Sample, trials: Int, evaluate: (Double) -> Sample
  ) -> Sample? {
    var low = low
    var high = high
    for _ in 0..<max(0, trials) {
      let width = high.step - low.step
      if abs(width) <= 1e-16 * max(low.step, high.step) { break }
      var step = high.isUsable ? cubicMinimum(low, high) : low.step + width / 4
      let first = low.step + 0.1 * width
      let last = low.step + 0.9 * width
      if !(step >= min(first, last) && step <= max(first, last)) { step = low.step + width / 2 }
      let trial = evaluate(step)
      if !trial.isUsable || !decreasesEnough(trial, origin) || trial.value > low.value {
        high = trial
        continue
      }
      if abs(trial.slope) <= -curvature * origin.slope { return trial }
      if trial.slope * width >= 0 { high = low }
      low = trial
    }
    return low.step > 0 && low.value < origin.value ? low : nil
  }

  private func decreasesEnough(_ sample: Sample, _ origin: Sample) -> Bool {
    if sample.value <= origin.value + sufficientDecrease * sample.step * origin.slope {
      return true
    }
    return sample.value <= origin.value + 1e-15 * abs(origin.value)
      && sample.slope <= (2 * sufficientDecrease - 1) * origin.slope
  }

  /// Where the cubic through both values and slopes has its minimum; NaN when it has none.
  private func cubicMinimum(_ left: Sample, _ right: Sample) -> Double {
    let width = right.step - left.step
    let mean = left.slope + right.slope - 3 * (right.value - left.value) / width
    let root = (mean * mean - left.slope * right.slope).squareRoot()
    let signed = width < 0 ? -root : root
    return right.step
      - width * (right.slope + signed - mean) / (right.slope - left.slope + 2 * signed)
  }
}
