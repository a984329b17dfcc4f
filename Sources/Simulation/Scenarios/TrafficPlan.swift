/// What made-up traffic does over time: how many requests a second, of what kinds.
///
/// The rate at each second is `level(t) × drift(t) × flicker(t) × (1 + surges(t))`:
/// - *level*: straight lines between ``levels``;
/// - *drift* and *flicker*: factors of mean 1 whose logarithms are autoregressions, slow and fast;
/// - *surges*: what ``surges`` add, as multiples of the rate.
struct TrafficPlan: Sendable, Equatable {
  /// Requests a second at a time.
  struct Level: Sendable, Equatable {
    /// Seconds from time zero.
    var time: Double
    /// Requests a second, at least 0.
    var rate: Double
  }

  /// A random factor of mean 1 whose logarithm is an autoregression of first order.
  struct Wander: Sendable, Equatable {
    /// Standard deviation of the logarithm.
    var deviation: Double
    /// Seconds after which a share 1/e of a deviation is left, above 0.
    var memorySeconds: Double

    /// No factor at all.
    static let none = Wander(deviation: 0, memorySeconds: 1)
  }

  /// A time in which more requests come than usual.
  struct Surge: Sendable, Equatable {
    /// When it begins, in seconds from time zero.
    var start: Double
    /// How long it lasts, in seconds.
    var seconds: Double
    /// What it adds at its height, as a multiple of the rate.
    var adds: Double
    /// Seconds that it takes to rise, and to fall at its end.
    var edgeSeconds: Double

    /// What it adds at `time`: a trapezoid.
    func added(at time: Double) -> Double {
      let inside = min(time - start, start + seconds - time)
      guard inside > 0 else { return 0 }
      return adds * (edgeSeconds > 0 ? min(1, inside / edgeSeconds) : 1)
    }
  }

  /// The kinds of requests from a time on.
  struct Phase: Sendable, Equatable {
    /// Seconds from time zero.
    var start: Double
    /// The kinds there are, with their shares.
    var kinds: [RequestKind]
  }

  /// The rate at times, in their order; before the first and after the last it stays as it is there.
  var levels: [Level]
  /// Slow random factor.
  var drift = Wander.none
  /// Fast random factor.
  var flicker = Wander.none
  /// Times with more requests, in any order; they may overlap.
  var surges: [Surge] = []
  /// What comes, in order of time; the first one begins at 0.
  var phases: [Phase]

  /// The planned rate at `time`, without chance and surges.
  func level(at time: Double) -> Double {
    guard let first = levels.first, let last = levels.last else { return 0 }
    if time <= first.time { return first.rate }
    for (left, right) in zip(levels, levels.dropFirst()) where time < right.time {
      let share = (time - left.time) / (right.time - left.time)
      return left.rate + share * (right.rate - left.rate)
    }
    return last.rate
  }
}
