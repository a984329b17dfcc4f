#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Waiting times at an M/D/1 queue, exactly.
///
/// Erlang's sum alternates and loses a digit with each service time, so from the ninth on the
/// asymptotic exponential stands for it, which by then is as exact as the sum.
///
/// Source: A. K. Erlang, "The theory of probabilities and telephone conversations" (1909); W.
/// Feller, *An Introduction to Probability Theory and Its Applications* II, XI.6 (the asymptotics).
struct SingleDeterministicServer: Sendable {
  private static let summedServices = 8.0

  private let utilisation: Double
  private let serviceTime: Double
  private let decay: Double
  private let weight: Double

  /// - Parameters:
  ///   - utilisation: above 0 and below 1.
  ///   - serviceTime: seconds, above 0.
  init(utilisation: Double, serviceTime: Double) {
    self.utilisation = utilisation
    self.serviceTime = serviceTime
    // Root of ρ(eˣ − 1) = x, from above (see MultiServerQueue).
    var x = min(2 * (1 - utilisation) / utilisation, 30)
    for _ in 0..<60 {
      let value = utilisation * expm1(x) - x
      let slope = utilisation * exp(x) - 1
      guard value > 0, slope > 0 else { break }
      x -= value / slope
      if value / slope < x * 1e-14 { break }
    }
    decay = x
    weight = (1 - utilisation) / (utilisation * exp(x) - 1)
  }

  /// Share of the customers that wait longer than `seconds`, at least 0.
  func shareWaiting(longerThan seconds: Double) -> Double {
    let services = seconds / serviceTime
    guard services < Self.summedServices else { return weight * exp(-decay * services) }
    var within = 0.0
    for k in 0...Int(services) {
      let load = utilisation * (services - Double(k))
      var term = exp(load)
      for factor in stride(from: 1, through: k, by: 1) { term *= -load / Double(factor) }
      within += term
    }
    return min(utilisation, max(0, 1 - (1 - utilisation) * within))
  }
}
