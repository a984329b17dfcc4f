import Simulation

/// A policy as a point: how many requests it serves well against what it costs.
struct ParetoPoint {
  /// As in the table, from 1.
  let number: Int
  let name: String
  let gpuHours: Double
  /// Per cent.
  let attainment: Double
  /// Whether none serves more for less.
  let isBest: Bool

  /// The policies that were judged by a request.
  static func all(_ comparison: PolicyComparison) -> [ParetoPoint] {
    let front = Set(comparison.paretoFront)
    return comparison.results.enumerated().compactMap { index, result in
      result.total.attainment.map {
        ParetoPoint(
          number: index + 1, name: result.policy, gpuHours: result.total.gpuHours,
          attainment: $0 * 100, isBest: front.contains(index))
      }
    }
  }
}

extension [ParetoPoint] {
  /// GPU-hours.
  var across: NumberAxis { NumberAxis(low: 0, high: map(\.gpuHours).max() ?? 1) }

  /// Attainment; from 0 where one serves no half of the requests well.
  var up: NumberAxis {
    let lowest = Swift.min(map(\.attainment).min() ?? 0, 99)
    return NumberAxis(low: lowest > 50 ? lowest : 0, high: 100)
  }

  /// The best, the cheapest first.
  var front: [ParetoPoint] {
    filter(\.isBest).sorted { ($0.gpuHours, $0.attainment) < ($1.gpuHours, $1.attainment) }
  }
}
