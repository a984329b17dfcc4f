import EngineProfiles
import Forecasting
import NumericalMethods
import Presentation

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What the traffic taught about an engine: the parameters most likely after a prior and what was
/// observed.
///
/// The parameters' logarithms are normal around the prior's, with a factor that all share and one of
/// each, so that none is ever negative and batch and cache, which grow together in live traffic, keep
/// about the prior's relation until something tells them apart. An observation's mean latency is
/// log-normal around ``EngineResponse`` with a deviation of 12 % and what few requests leave to chance;
/// residuals count with the weights of Student's t with 4 degrees of freedom, so that a stretch in which
/// something else happened counts little. The mode is found by Gauss and Newton, the covariance is the
/// inverse of the curvature there. Neighbouring stretches are not independent, so each counts half.
///
/// The last observations are kept, at most 160, and of the fullest cell of the loads seen the oldest
/// goes: an hour of calm does not push out what was learned at the peak. They lose half of their weight
/// in six hours.
///
/// Source: A. Gelman et al., *Bayesian Data Analysis* (3rd ed.), §4.1 (normal approximation), §17.2
/// (Student's t as a scale mixture).
public struct EngineLearning: Codable, Sendable, Equatable {
  /// What it began with.
  public private(set) var prior: EnginePrior
  /// Logarithms of the most likely parameters, in the order of ``EngineParameters/values``.
  private var mode: PackedFloats
  /// Their covariance, row by row.
  private var covariance: PackedFloats
  private var ends: [Int] = []
  private var rows = PackedFloats()
  /// The largest load of a replica that was seen: prompt tokens a second, and output tokens a second.
  public private(set) var largestLoad: [Component: Double] = [:]
  /// Observations that were learned, all in all.
  public private(set) var count = 0
  private var sequencesBefore: Double?
  /// Since when latencies contradict the prior, Unix seconds; nil while they don't.
  public private(set) var contradictedSince: [Component: Int] = [:]

  private static let size = 6
  private static let mostObservations = 160
  private static let deviation = 0.12
  private static let freedom = 4.0
  private static let power = 0.5
  private static let halfLifeSeconds = 6 * 3600.0
  private static let largestStep = 0.7
  private static let rounds = 12
  private static let settled = 20
  private static let roundsOnceSettled = 3
  /// A component is contradicted when this share of error has lasted for some observations.
  private static let contradiction = 0.25

  /// Begins with what is believed before.
  public init(_ prior: EnginePrior) {
    self.prior = prior
    mode = PackedFloats(prior.parameters.values.map { Float(log($0)) })
    covariance = PackedFloats(Self.priorCovariance(prior).map { Float($0) })
  }

  /// With another belief beforehand; what was observed stays.
  public func with(_ prior: EnginePrior, isAggregated: Bool) -> EngineLearning {
    guard prior != self.prior else { return self }
    var learning = self
    learning.prior = prior
    learning.mode = PackedFloats(prior.parameters.values.map { Float(log($0)) })
    learning.fit(EngineResponse(isAggregated: isAggregated))
    return learning
  }

  /// The most likely parameters.
  public var parameters: EngineParameters {
    EngineParameters(values: mode.values.map { exp(Double($0)) }) ?? prior.parameters
  }

  /// Standard deviations of their logarithms.
  public var deviations: [Double] {
    (0..<Self.size).map { Double(max(0, covariance.values[$0 * Self.size + $0])).squareRoot() }
  }

  /// Observations that are kept, oldest first.
  public var observations: [EngineObservation] {
    ends.enumerated().map { index, end in
      let start = index * EngineObservation.packedCount
      return EngineObservation(
        end: end, packed: rows.values[start..<(start + EngineObservation.packedCount)])
    }
  }

  /// Learns stretches of time, oldest first; one that is not newer than the last changes nothing.
  public mutating func observe(_ observations: [EngineObservation], isAggregated: Bool) {
    var isNew = false
    for observation in observations
    where observation.isUsable && observation.end > ends.last ?? .min {
      note(observation)
      ends.append(observation.end)
      rows.values.append(contentsOf: observation.packed)
      count += 1
      thinOut()
      isNew = true
    }
    guard isNew else { return }
    fit(EngineResponse(isAggregated: isAggregated))
    judgePrior(EngineResponse(isAggregated: isAggregated))
  }

  private mutating func note(_ observation: EngineObservation) {
    let prompts = observation.promptsPerSecond * observation.promptTokens
    largestLoad[.prefill] = max(largestLoad[.prefill] ?? 0, prompts)
    if let itl = observation.itl {
      largestLoad[.decode] = max(
        largestLoad[.decode] ?? 0, observation.sequences / itl * 1000)
    }
  }

  /// Sequences that were in decode at the end of the last stretch.
  mutating func remember(sequences: Double?) -> Double? {
    defer { sequencesBefore = sequences }
    return sequencesBefore
  }

  private mutating func thinOut() {
    guard ends.count > Self.mostObservations else { return }
    var cells: [Int: [Int]] = [:]
    for (index, observation) in observations.enumerated() {
      let batch = Int(2 * log2(observation.sequences + 1))
      let length = Int(log2(observation.promptTokens + 1))
      cells[batch * 64 + length, default: []].append(index)
    }
    let fullest = cells.max {
      ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0])
    }
    guard let oldest = fullest?.value.first else { return }
    ends.remove(at: oldest)
    let start = oldest * EngineObservation.packedCount
    rows.values.removeSubrange(start..<(start + EngineObservation.packedCount))
  }

  // MARK: The fit

  private static func priorCovariance(_ prior: EnginePrior) -> [Double] {
    let common = prior.commonDeviation * prior.commonDeviation
    let own = prior.ownDeviation * prior.ownDeviation
    return (0..<size * size).map { common + ($0 / size == $0 % size ? own : 0) }
  }

  /// One residual with its derivatives by the parameters' logarithms.
  private struct Residual {
    var value: Double
    var deviation: Double
    var slopes: [Double]
  }

  private static func engine(_ logarithms: [Double]) -> EngineParameters {
    EngineParameters(values: logarithms.map { exp(min(max($0, -60), 60)) })
      ?? shippedParameters
  }

  private static let shippedParameters = EnginePrior.shipped[0].parameters

  private mutating func fit(_ response: EngineResponse) {
    let size = Self.size
    guard let precision = Self.inverse(Self.priorCovariance(prior)) else { return }
    let center = prior.parameters.values.map { log($0) }
    let seen = observations
    let newest = ends.last ?? 0
    var place = mode.values.map(Double.init)
    var curvature = precision
    // From the mode of a moment ago a few steps do.
    for _ in 0..<(count < Self.settled ? Self.rounds : Self.roundsOnceSettled) {
      curvature = precision
      var slope = [Double](repeating: 0, count: size)
      for row in 0..<size {
        for column in 0..<size {
          slope[row] += precision[row * size + column] * (place[column] - center[column])
        }
      }
      for observation in seen {
        let age = Double(newest - observation.end)
        let fade = Self.power * exp2(-age / Self.halfLifeSeconds)
        for residual in Self.residuals(observation, place, response) {
          let scaled = residual.value / residual.deviation
          let weight =
            fade * (Self.freedom + 1) / (Self.freedom + scaled * scaled)
            / (residual.deviation * residual.deviation)
          for row in 0..<size where residual.slopes[row] != 0 {
            slope[row] += weight * residual.slopes[row] * residual.value
            for column in 0..<size {
              curvature[row * size + column] +=
                weight * residual.slopes[row] * residual.slopes[column]
            }
          }
        }
      }
      guard let step = CholeskySolver.solve(curvature, slope) else { return }
      let longest = step.reduce(0) { max($0, $1.magnitude) }
      let damping = min(1, Self.largestStep / max(longest, 1e-12))
      for index in 0..<size { place[index] -= damping * step[index] }
      if longest < 1e-3 { break }
    }
    guard let found = Self.inverse(curvature), place.allSatisfy(\.isFinite) else { return }
    mode = PackedFloats(place.map { Float($0) })
    covariance = PackedFloats(found.map { Float($0) })
  }

  private static func residuals(
    _ observation: EngineObservation, _ place: [Double], _ response: EngineResponse
  ) -> [Residual] {
    let here = response.latencies(engine(place), observation)
    let width = 1e-4
    var moved: [(itl: Double, ttft: Double)] = []
    for index in place.indices {
      var other = place
      other[index] += width
      moved.append(response.latencies(engine(other), observation))
    }
    let chance = 1 / max(1, observation.requests)
    var found: [Residual] = []
    if let itl = observation.itl {
      found.append(
        Residual(
          value: log(here.itl / itl),
          deviation: (deviation * deviation + 0.3 * chance).squareRoot(),
          slopes: moved.map { log($0.itl / here.itl) / width }))
    }
    if let ttft = observation.ttft {
      // A TTFT that is mostly waiting says little of the engine.
      let wait = (observation.waiting ?? 0) / max(1e-6, observation.promptsPerSecond) * 1000
      let share = wait / here.ttft
      found.append(
        Residual(
          value: log(here.ttft / ttft),
          deviation: (deviation * deviation + chance + share * share).squareRoot(),
          slopes: moved.map { log($0.ttft / here.ttft) / width }))
    }
    return found
  }

  private static func inverse(_ matrix: [Double]) -> [Double]? {
    var inverse = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[column] = 1
      guard let solution = CholeskySolver.solve(matrix, unit) else { return nil }
      for row in 0..<size { inverse[row * size + column] = solution[row] }
    }
    return inverse
  }

  // MARK: What follows

  /// Standard deviation of the logarithm of a component's latency under a load, as far as the
  /// parameters are uncertain.
  func deviation(of component: Component, at load: EngineObservation, isAggregated: Bool) -> Double
  {
    let response = EngineResponse(isAggregated: isAggregated)
    let place = mode.values.map(Double.init)
    var load = load
    (load.itl, load.ttft) = component == .decode ? (1, nil) : (nil, 1)
    guard let residual = Self.residuals(load, place, response).first else { return .infinity }
    var variance = 0.0
    for row in 0..<Self.size {
      for column in 0..<Self.size {
        variance +=
          residual.slopes[row] * residual.slopes[column]
          * Double(covariance.values[row * Self.size + column])
      }
    }
    return max(0, variance).squareRoot()
  }

  /// By how much the last observations' latencies exceed (above 1) or fall short of what the prior
  /// says: the median of the last eight of each component.
  public func errorOfPrior(_ component: Component, isAggregated: Bool) -> Double? {
    let response = EngineResponse(isAggregated: isAggregated)
    let ratios = observations.suffix(Self.judged).compactMap { observation -> Double? in
      // Where prompts take half of the time, waits say more of chance than of the engine.
      let busy =
        observation.promptsPerSecond / 1000
        * prior.parameters.promptMilliseconds(tokens: observation.promptTokens)
      guard component == .decode || busy < 0.5 else { return nil }
      let expected = response.latencies(prior.parameters, observation)
      return component == .decode
        ? observation.itl.map { $0 / expected.itl } : observation.ttft.map { $0 / expected.ttft }
    }
    guard ratios.count == Self.judged else { return nil }
    return ratios.sorted()[Self.judged / 2]
  }

  /// What contradicts a profile that was given, each a sentence: engine, by how much, since when.
  func contradictions(isAggregated: Bool) -> [String] {
    guard prior.name == "profile" else { return [] }
    return contradictedSince.sorted { $0.key < $1.key }.compactMap { component, since in
      errorOfPrior(component, isAggregated: isAggregated).map { error in
        let latency = component == .prefill ? "TTFT" : "ITL"
        return
          "Since \(rfc3339(Double(since))) the \(latency) of the \(component.rawValue) engines is \(Phrase.number(error, digits: 2)) times what the profile says, by more than its error; measure them again, or let them be learned without it."
      }
    }
  }

  private static let judged = 8

  private mutating func judgePrior(_ response: EngineResponse) {
    guard let end = ends.last else { return }
    for component in Component.allCases {
      guard let error = errorOfPrior(component, isAggregated: response.isAggregated) else {
        continue
      }
      if log(error).magnitude < log(1 + Self.contradiction) {
        contradictedSince[component] = nil
      } else if contradictedSince[component] == nil {
        contradictedSince[component] = end
      }
    }
  }
}
