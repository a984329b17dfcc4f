import NumericalMethods

/// One point of a load regression.
public struct LoadPoint: Codable, Sendable, Equatable {
  /// The load: prefill tokens, or decode blocks.
  public var load: Double
  /// The latency at that load, in milliseconds.
  public var latencyMilliseconds: Double

  /// Creates a point.
  public init(load: Double, latencyMilliseconds: Double) {
    self.load = load
    self.latencyMilliseconds = latencyMilliseconds
  }
}

/// The load at which a latency target is reached, and how it was found.
public enum LoadBound: Codable, Sendable, Equatable {
  /// From the fitted line; at least 0.
  case line(load: Double, slope: Double, intercept: Double)
  /// The slope says nothing, so the largest load seen within the target.
  case largestWithinTarget(load: Double, slope: Double, intercept: Double)
  /// Fewer observations than needed.
  case insufficient(observations: Int, needed: Int)
  /// The slope says nothing and nothing seen was within the target.
  case unusable(slope: Double, intercept: Double)

  /// The bound, where there is one.
  public var load: Double? {
    switch self {
    case .line(let load, _, _), .largestWithinTarget(let load, _, _): load
    case .insufficient, .unusable: nil
    }
  }
}

/// Latency over load in a sliding window: ordinary least squares `latency = slope·load +
/// intercept`.
public struct LoadRegression: Codable, Sendable, Equatable {
  /// The window's points, oldest first; all finite.
  public private(set) var points: [LoadPoint]

  /// Creates an empty window.
  public init() { points = [] }

  /// Adds a point and forgets the oldest beyond `window`. A point that is not finite is refused.
  ///
  /// - Returns: whether it was taken.
  @discardableResult
  public mutating func add(_ point: LoadPoint, window: Int) -> Bool {
    guard point.load.isFinite, point.latencyMilliseconds.isFinite else { return false }
    points.append(point)
    if points.count > window { points.removeFirst(points.count - window) }
    return true
  }

  /// Forgets the oldest points beyond `window` (the user made it smaller).
  public mutating func trim(to window: Int) {
    if points.count > window { points.removeFirst(points.count - window) }
  }

  /// The least-squares line; nil below two points.
  public var line: LineFit? {
    LineFit(x: points.map(\.load), y: points.map(\.latencyMilliseconds))
  }

  /// The load at which the latency reaches `targetMilliseconds`.
  ///
  /// A slope that is not positive, or not significantly so (t < 2), says that load does not drive
  /// latency in the range seen; then the largest load seen within the target is the bound. (The
  /// original takes the *smallest*, and so scales up workers that are far from it.)
  public func bound(targetMilliseconds: Double, minimumObservations: Int) -> LoadBound {
    guard points.count >= minimumObservations, let line else {
      return .insufficient(observations: points.count, needed: max(2, minimumObservations))
    }
    if line.slope > 0, line.tStatistic >= 2 {
      let load = max(0, (targetMilliseconds - line.intercept) / line.slope)
      if load.isFinite {
        return .line(load: load, slope: line.slope, intercept: line.intercept)
      }
    }
    let within = points.filter { $0.latencyMilliseconds < targetMilliseconds }
    guard let largest = within.map(\.load).max() else {
      return .unusable(slope: line.slope, intercept: line.intercept)
    }
    return .largestWithinTarget(load: largest, slope: line.slope, intercept: line.intercept)
  }

  /// The median load of the window; nil when it is empty.
  public var medianLoad: Double? {
    guard !points.isEmpty else { return nil }
    let sorted = points.map(\.load).sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
