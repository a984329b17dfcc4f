/// The even parts of time that a report keeps values of: more than a plot has pixels for a part.
struct TimeGrid: Sendable, Equatable {
  /// How many parts a page with few plots has.
  static let standardCount = 300

  /// How many parts there are.
  let count: Int
  let start: Double
  let end: Double
  private let width: Double

  /// A grid over `span`; one that is too short to be drawn is widened.
  init(_ span: ClosedRange<Double>, count: Int = standardCount) {
    self.count = max(1, count)
    let isUsable = span.lowerBound.magnitude < 1e12 && span.upperBound.magnitude < 1e12
    let low = isUsable ? span.lowerBound : 0
    let high = isUsable ? span.upperBound : 0
    let margin = high - low < 60 ? 30.0 : 0
    start = low - margin
    end = high + margin
    width = (end - start) / Double(self.count)
  }

  /// The part that `time` lies in; nil outside the grid.
  func index(of time: Double) -> Int? {
    let position = (time - start) / width
    guard position >= 0, position <= Double(count) else { return nil }
    return min(Int(position), count - 1)
  }
}

/// A series of any length in bounded memory: of every part of the grid the first, lowest, highest
/// and last value, so that a plot of it looks as one of all values would.
///
/// Source: Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014.
struct SeriesSampler: Sendable, Equatable {
  struct Point: Sendable, Equatable {
    var time: Double
    var value: Double
  }

  /// What is kept of one part of the grid.
  struct Bucket: Sendable, Equatable {
    var first: Point
    var lowest: Point
    var highest: Point
    var last: Point
    /// When the series ended or paused after ``last``.
    var gap: Double?

    init(_ point: Point) {
      first = point
      lowest = point
      highest = point
      last = point
    }

    mutating func add(_ point: Point) {
      if point.value < lowest.value { lowest = point }
      if point.value > highest.value { highest = point }
      last = point
      gap = nil
    }

    /// The points in the order of time, each once.
    var points: [Point] {
      let middle =
        lowest.time <= highest.time ? [lowest, highest] : [highest, lowest]
      return ([first] + middle + [last]).reduce(into: []) { points, point in
        if points.last?.time != point.time { points.append(point) }
      }
    }
  }

  /// The series in pieces without gaps, thinned to the middle of each part of the grid: a thin line
  /// through what would otherwise be a thick one.
  var middleRuns: [Run] {
    var thinned = self
    for index in buckets.indices {
      guard let bucket = buckets[index] else { continue }
      var middle = Bucket(
        Point(
          time: (bucket.first.time + bucket.last.time) / 2,
          value: bucket.lowest.value / 2 + bucket.highest.value / 2))
      middle.gap = bucket.gap
      thinned.buckets[index] = middle
    }
    return thinned.runs
  }

  /// Points without a gap between them, and when the last of them stopped to hold.
  struct Run: Equatable {
    var points: [Point]
    var end: Double
  }

  let grid: TimeGrid
  private(set) var buckets: [Bucket?]
  private var newest: Int?

  init(_ grid: TimeGrid) {
    self.grid = grid
    buckets = Array(repeating: nil, count: grid.count)
  }

  /// Adds the next value; nil (or one that is not finite) says that from `time` on none is known.
  mutating func add(_ value: Double?, at time: Double) {
    guard let index = grid.index(of: time) else { return }
    guard let value, value.isFinite else {
      if let newest, buckets[newest]?.gap == nil { buckets[newest]?.gap = time }
      return
    }
    let point = Point(time: time, value: value)
    if buckets[index] == nil {
      buckets[index] = Bucket(point)
    } else {
      buckets[index]?.add(point)
    }
    newest = index
  }

  var isEmpty: Bool { newest == nil }

  /// The newest value.
  var last: Point? { newest.flatMap { buckets[$0]?.last } }

  /// The lowest and the highest value; nil when there is none.
  var range: ClosedRange<Double>? {
    let known = buckets.compactMap { $0 }
    guard let low = known.map(\.lowest.value).min(), let high = known.map(\.highest.value).max()
    else { return nil }
    return low...high
  }

  /// The series in pieces without gaps.
  var runs: [Run] {
    var runs: [Run] = []
    var points: [Point] = []
    for case let bucket? in buckets {
      points += bucket.points
      if let gap = bucket.gap {
        runs.append(Run(points: points, end: gap))
        points = []
      }
    }
    if let last = points.last { runs.append(Run(points: points, end: last.time)) }
    return runs
  }
}
