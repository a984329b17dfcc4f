/// Minimises a smooth function of several variables by the limited-memory BFGS method.
///
/// Every accepted step satisfies the strong Wolfe conditions, so the curvature pairs stay positive
/// and the value never rises by more than rounding. A value or gradient that is not finite counts
/// as "too far": the step is shortened. The result depends on the start, the settings and the
/// objective alone.
///
/// Cost per iteration: one or two evaluations and O(`historySize` · n).
///
/// Source: J. Nocedal, S. J. Wright, *Numerical Optimization*, 2nd edition, algorithms 7.4, 7.5.
public struct LBFGS: Sendable, Equatable {
  /// Curvature pairs kept, at least 1.
  public var historySize: Int
  /// Iterations after which the search stops unconverged.
  public var maximumIterations: Int
  /// Converged when no component of the gradient exceeds this in absolute value.
  public var gradientTolerance: Double
  /// Converged when an iteration lowers the value by at most this times max(1, |value|);
  /// 0 leaves only the gradient's test.
  public var valueTolerance: Double

  /// Creates a minimiser; the defaults suit objectives of order 1 to 1000 with exact gradients.
  public init(
    historySize: Int = 10, maximumIterations: Int = 500, gradientTolerance: Double = 1e-8,
    valueTolerance: Double = 1e-13
  ) {
    self.historySize = max(1, historySize)
    self.maximumIterations = maximumIterations
    self.gradientTolerance = gradientTolerance
    self.valueTolerance = valueTolerance
  }

  /// Why a search stopped.
  public enum Ending: Sendable, Equatable {
    /// The gradient vanishes within the tolerance.
    case gradientVanished
    /// The value stopped falling within the tolerance.
    case valueSettled
    /// No step along the steepest descent lowers the value: rounding, or a wrong gradient.
    case noDescent
    /// The iterations are used up.
    case iterationLimit
    /// The value or the gradient is not finite at the start.
    case invalidStart
  }

  /// The lowest point found.
  public struct Minimum: Sendable, Equatable {
    /// The point.
    public var point: [Double]
    /// The value there.
    public var value: Double
    /// The largest absolute component of the gradient there.
    public var gradientNorm: Double
    /// Iterations done.
    public var iterations: Int
    /// Evaluations of the objective.
    public var evaluations: Int
    /// Why the search stopped.
    public var ending: Ending
  }

  /// Searches for a local minimum.
  ///
  /// - Parameters:
  ///   - start: where to begin; an empty one is its own minimum.
  ///   - objective: returns the value at a point and fills the gradient, which comes in with the
  ///     point's length and arbitrary content.
  public func minimise(
    from start: [Double], objective: (_ point: [Double], _ gradient: inout [Double]) -> Double
  ) -> Minimum {
    var state = LBFGSState(start: start, historySize: historySize)
    state.value = objective(state.point, &state.gradient)
    state.evaluations = 1
    guard state.value.isFinite, state.gradient.allSatisfy(\.isFinite) else {
      return state.minimum(.invalidStart, iterations: 0)
    }
    var iterations = 0
    while true {
      if largestMagnitude(state.gradient) <= gradientTolerance {
        return state.minimum(.gradientVanished, iterations: iterations)
      }
      if iterations >= maximumIterations {
        return state.minimum(.iterationLimit, iterations: iterations)
      }
      let before = state.value
      guard state.advance(objective) else {
        return state.minimum(.noDescent, iterations: iterations)
      }
      iterations += 1
      if before - state.value <= valueTolerance * max(1, abs(state.value)), valueTolerance > 0 {
        return state.minimum(.valueSettled, iterations: iterations)
      }
    }
  }
}

/// The moving parts of one search.
private struct LBFGSState {
  var point: [Double]
  var value = Double.infinity
  var gradient: [Double]
  var evaluations = 0
  private var trialPoint: [Double]
  private var trialGradient: [Double]
  private var direction: [Double]
  private var history: CurvatureHistory
  private let lineSearch = WolfeLineSearch()

  init(start: [Double], historySize: Int) {
    let zero = [Double](repeating: 0, count: start.count)
    point = start
    gradient = zero
    trialPoint = zero
    trialGradient = zero
    direction = zero
    history = CurvatureHistory(capacity: historySize)
  }

  func minimum(_ ending: LBFGS.Ending, iterations: Int) -> LBFGS.Minimum {
    LBFGS.Minimum(
      point: point, value: value, gradientNorm: largestMagnitude(gradient), iterations: iterations,
      evaluations: evaluations, ending: ending)
  }

  /// One step: along the quasi-Newton direction or, where that fails, along the steepest descent.
  mutating func advance(_ objective: ([Double], inout [Double]) -> Double) -> Bool {
    if !history.isEmpty {
      history.direction(for: gradient, into: &direction)
      if step(firstStep: 1, objective) { return true }
      history.removeAll()
    }
    for index in direction.indices { direction[index] = -gradient[index] }
    // The scale is unknown yet: a first step of length at most 1 can't jump out of the basin.
    let length = dot(gradient, gradient).squareRoot()
    return step(firstStep: min(1, 1 / length), objective)
  }

  private mutating func step(
    firstStep: Double, _ objective: ([Double], inout [Double]) -> Double
  ) -> Bool {
    let slope = dot(gradient, direction)
    guard slope < 0, slope.isFinite else { return false }
    var lastStep = 0.0
    let origin = WolfeLineSearch.Sample(step: 0, value: value, slope: slope)
    let found = lineSearch.search(from: origin, firstStep: firstStep) { step in
      lastStep = step
      return sample(at: step, objective)
    }
    guard var found else { return false }
    if found.step != lastStep { found = sample(at: found.step, objective) }
    history.append(from: point, gradient, to: trialPoint, trialGradient)
    swap(&point, &trialPoint)
    swap(&gradient, &trialGradient)
    value = found.value
    return true
  }

  private mutating func sample(
    at step: Double, _ objective: ([Double], inout [Double]) -> Double
  ) -> WolfeLineSearch.Sample {
    for index in point.indices { trialPoint[index] = point[index] + step * direction[index] }
    let trialValue = objective(trialPoint, &trialGradient)
    evaluations += 1
    return WolfeLineSearch.Sample(
      step: step, value: trialValue, slope: dot(trialGradient, direction))
  }
}

/// The last steps and changes of the gradient, and the two-loop recursion over them.
private struct CurvatureHistory {
  private let capacity: Int
  private var steps: [[Double]] = []
  private var changes: [[Double]] = []
  private var inverseCurvatures: [Double] = []
  private var weights: [Double] = []

  init(capacity: Int) { self.capacity = capacity }

  var isEmpty: Bool { steps.isEmpty }

  mutating func removeAll() {
    steps.removeAll(keepingCapacity: true)
    changes.removeAll(keepingCapacity: true)
    inverseCurvatures.removeAll(keepingCapacity: true)
  }

  mutating func append(
    from point: [Double], _ gradient: [Double], to newPoint: [Double], _ newGradient: [Double]
  ) {
    var step = point
    var change = gradient
    for index in step.indices {
      step[index] = newPoint[index] - point[index]
      change[index] = newGradient[index] - gradient[index]
    }
    let curvature = dot(step, change)
    // A pair without positive curvature (rounding near the minimum) would spoil the direction.
    guard curvature > 1e-16 * dot(change, change), (1 / curvature).isFinite else { return }
    if steps.count == capacity {
      steps.removeFirst()
      changes.removeFirst()
      inverseCurvatures.removeFirst()
    }
    steps.append(step)
    changes.append(change)
    inverseCurvatures.append(1 / curvature)
  }

  mutating func direction(for gradient: [Double], into direction: inout [Double]) {
    for index in direction.indices { direction[index] = -gradient[index] }
    weights = [Double](repeating: 0, count: steps.count)
    for pair in steps.indices.reversed() {
      let weight = inverseCurvatures[pair] * dot(steps[pair], direction)
      weights[pair] = weight
      for index in direction.indices { direction[index] -= weight * changes[pair][index] }
    }
    if let last = changes.indices.last {
      let scale = 1 / (inverseCurvatures[last] * dot(changes[last], changes[last]))
      for index in direction.indices { direction[index] *= scale }
    }
    for pair in steps.indices {
      let weight = weights[pair] - inverseCurvatures[pair] * dot(changes[pair], direction)
      for index in direction.indices { direction[index] += weight * steps[pair][index] }
    }
  }
}

private func dot(_ left: [Double], _ right: [Double]) -> Double {
  var sum = 0.0
  for index in left.indices { sum += left[index] * right[index] }
  return sum
}

private func largestMagnitude(_ vector: [Double]) -> Double {
  var largest = 0.0
  for element in vector { largest = max(largest, abs(element)) }
  return largest
}
