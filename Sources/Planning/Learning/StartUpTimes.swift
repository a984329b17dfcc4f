/// How long workers took from the order until they were ready, by component.
///
/// Orders and readiness are seen in the deployment's counts only, so a start-up is known within half
/// the time between two looks. Workers are taken to become ready in the order in which they were
/// asked for; an order that is taken back is the newest one.
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

  private static let remembered = 20
  private static let fewest = 3
  private static let quantile = 0.9
  /// An order that is older is no start-up any more.
  private static let longestSeconds = 3600.0

  private var series: [Component: Series] = [:]
  private var lastTime: Double?

  /// Creates times of nothing.
  public init() {}

  /// Takes the counts of a moment.
  public mutating func observe(_ counts: [Component: DeploymentPosition.Counts], at time: Double) {
    let before = lastTime ?? time
    guard time >= before else { return }
    for (component, counts) in counts {
      guard let asked = counts.asked, let ready = counts.ready else { continue }
      var known = series[component] ?? Series()
      known.orders.removeAll { time - $0.time > Self.longestSeconds }
      if let last = known.asked, asked > last {
        known.orders.append(Order(time: before, workers: asked - last))
      } else if let last = known.asked, asked < last {
        known.takeBack(last - asked)
      }
      if let last = known.ready, ready > last {
        // Ready at some time between the two looks.
        known.becomeReady(ready - last, at: (before + time) / 2, most: Self.remembered)
      }
      if asked <= ready { known.orders = [] }
      (known.asked, known.ready) = (asked, ready)
      series[component] = known
    }
    lastTime = time
  }

  /// What nine in ten of the newest start-ups of a component took at most, seconds; nil while fewer
  /// than three are known.
  public func p90(_ component: Component) -> Double? {
    guard let seconds = series[component]?.seconds.sorted(), seconds.count >= Self.fewest else {
      return nil
    }
    let rank = (Self.quantile * Double(seconds.count)).rounded(.up)
    return seconds[min(max(1, Int(rank)), seconds.count) - 1]
  }

  /// The longest ``p90(_:)`` of all components; nil while none is known.
  public var longest: Double? { Component.allCases.compactMap { p90($0) }.max() }
}

extension StartUpTimes.Series {
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
    while left > 0, !orders.isEmpty {
      let started = min(left, orders[0].workers)
      let taken = (max(0, time - orders[0].time) * 10).rounded() / 10
      seconds += [Double](repeating: taken, count: min(started, most))
      orders[0].workers -= started
      left -= started
      if orders[0].workers == 0 { orders.removeFirst() }
    }
    seconds = seconds.suffix(most)
  }
}
