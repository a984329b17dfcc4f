import Foundation

@testable import NumericalMethods

extension MultiServerQueue {
  /// The time that a share of the customers has been served in.
  func sojournQuantile(_ share: Double, service: ServiceTimes) -> Double {
    let values: [Double]
    let shares: [Double]
    switch service {
    case .constant(let value): (values, shares) = ([value], [1])
    case .exponential(let mean):
      values = (0..<2000).map { -log(1 - (Double($0) + 0.5) / 2000) * mean }
      shares = Array(repeating: 1 / 2000, count: 2000)
    case .mixture(let v, let s): (values, shares) = (v, s)
    }
    var low = 0.0
    var high = 1e4
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let beyond = zip(values, shares).reduce(0) {
        $0 + $1.1 * shareWaiting(longerThan: middle - $1.0)
      }
      if beyond > 1 - share { low = middle } else { high = middle }
    }
    return high
  }
}
