#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// How long workers take from the order until they are ready, by component, and which will never be.
///
/// Orders and readiness are seen in the deployment's counts only, so a start-up is known within half
/// the time between two looks. Which of the workers on their way has become ready is not: the one
/// whose start-up would be the most usual is taken, so that workers that never come don't make those
/// after them seem slow. An order that is taken back is the newest one.
public struct StartUpTimes: Codable, Sendable, Equatable {
  fileprivate struct Order: Codable, Sendable, Equatable {
    var time: Double
    var workers: Int
  }

  fileprivate struct Series: Codable, Sendable, Equatable {
    var asked: Int?
    var ready: Int?
    /// Orders that are not ready yet, oldest first.
    var orders: [Order] = []
    /// The newest start-ups, oldest first, seconds.
    var seconds: [Double] = []
  }

  /// What the start-up of a worker that loads a model is taken for before any is known.
  public static let assumedSeconds = 120.0
  private static let remembered = 20
  private static let fewest = 3
  /// Standard normal quantile of 0.9.
  private static let deviations = 1.2816
  /// No worker is given up earlier: an image may have to be pulled.
  private static let leastPatienceSeconds = 600.0
  private static let patience = 3.0

  private var series: [Component: Series] = [:]
  private var lastTime: Double?

  /// Creates times of nothing.
  public init() {}

  /// Takes the counts of a moment. A count that is not known then goes on from what it was.
  public mutating func observe(_ counts: [Component: DeploymentPosition.Counts], at time: Double) {
    let before = lastTime ?? time
    guard time >= before else { return }
    for (component, counts) in counts {
      var known = series[component] ?? Series()
      if let asked = counts.asked {
        if let last = known.asked, asked > last {
          known.orders.append(Order(time: before, workers: asked - last))
        } else if let last = known.asked, asked < last {
          known.takeBack(last - asked)
        }
        known.asked = asked
      }
      if let ready = counts.ready {
        if let last = known.ready, ready > last {
          // Ready at some time between the two looks.
          known.becomeReady(ready - last, at: (before + time) / 2, most: Self.remembered)
        }
        known.ready = ready
        known.agree(at: time)
      }
      series[component] = known
    }
    lastTime = time
  }

  /// What nine in ten start-ups of a component take at most, seconds; nil while fewer than three are
  /// known.
  ///
  /// The quantile of a log-normal distribution with the mean and deviation of the newest twenty: of
  /// ten start-ups the second longest is a fifth off by chance, this is hardly half of that.
  public func p90(_ component: Component) -> Double? {
    guard let logs = series[component]?.logs, logs.count >= Self.fewest else { return nil }
    let mean = logs.reduce(0, +) / Double(logs.count)
    let squares = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return exp(mean + Self.deviations * (squares / Double(logs.count - 1)).squareRoot())
  }

  /// The longest ``p90(_:)`` of all components; nil while none is known.
  public var longest: Double? { Component.allCases.compactMap { p90($0) }.max() }

  /// Workers that were asked for and are not ready after more than three times the longest start-up
  /// that is known, and ten minutes: they count as coming no longer. As of the newest moment.
  public func abandoned(_ component: Component) -> Int {
    guard let known = series[component], let now = lastTime else { return 0 }
    let longest = known.seconds.max() ?? Self.assumedSeconds
    let patience = max(Self.leastPatienceSeconds, Self.patience * longest)
    return known.orders.reduce(0) { $0 + (now - $1.time > patience ? $1.workers : 0) }
  }
}

extension StartUpTimes.Series {
  /// Two looks a second apart may find a worker ready at once.
  fileprivate var logs: [Double] { seconds.map { log(max(1, $0)) } }

  /// Drops the newest `count` workers that are on their way.
  fileprivate mutating func takeBack(_ count: Int) {
    var left = count
    while left > 0, let newest = orders.indices.last {
      let taken = min(left, orders[newest].workers)
      orders[newest].workers -= taken
      left -= taken
      if orders[newest].workers == 0 { orders.removeLast() }
    }
  }

  fileprivate mutating func becomeReady(_ count: Int, at time: Double, most: Int) {
    var left = count
    while left > 0, let index = likeliest(at: time) {
      let started = min(left, orders[index].workers)
      let taken = (max(0, time - orders[index].time) * 10).rounded() / 10
      seconds += [Double](repeating: taken, count: min(started, most))
      orders[index].workers -= started
      left -= started
      if orders[index].workers == 0 { orders.remove(at: index) }
    }
    seconds = seconds.suffix(most)
  }

  /// The order of which a worker that became ready is most likely: whose age is the most usual
  /// start-up.
  private func likeliest(at time: Double) -> Int? {
    let known = logs.sorted()
    let usual = known.isEmpty ? log(StartUpTimes.assumedSeconds) : known[known.count / 2]
    func distance(_ index: Int) -> Double { abs(log(max(1, time - orders[index].time)) - usual) }
    return orders.indices.min { distance($0) < distance($1) }
  }

  /// Holds the orders against the counts: what is asked for and not ready is on its way, also a worker
  /// that was ready and is not any more.
  fileprivate mutating func agree(at time: Double) {
    guard let asked, let ready else { return }
    let missing = max(0, asked - ready)
    let ordered = orders.reduce(0) { $0 + $1.workers }
    if missing > ordered {
      orders.append(StartUpTimes.Order(time: time, workers: missing - ordered))
    } else {
      takeBack(ordered - missing)
    }
  }
}
