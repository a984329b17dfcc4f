import EngineProfiles
import Foundation
import Planning
import TestSupport

@testable import Simulation

/// Engines that theory can answer for, and the measured ones.
enum Engines {
  /// Prefill takes `prefillSecondsPerToken` per prompt token and nothing else; decode takes
  /// `stepSeconds` per token whatever the batch.
  static func ideal(
    prefillSecondsPerToken: Double = 1e-6, stepSeconds: Double = 0.001, kvTokens: Double = 1e9
  ) throws -> EngineProfile {
    let lengths = [1.0, 1_000_000]
    let steps = stepSeconds * 1000
    return EngineProfile(
      prefill: try PrefillCurve(
        isl: lengths, ttftMilliseconds: lengths.map { $0 * prefillSecondsPerToken * 1000 },
        throughputPerGPU: lengths.map { _ in 1 / prefillSecondsPerToken }),
      decode: try DecodeSurface(
        kvUsage: [0.01, 1], contextLength: [1000, 1000], itlMilliseconds: [steps, steps],
        throughputPerGPU: [
          0.01 * kvTokens / 1000 / stepSeconds, kvTokens / 1000 / stepSeconds,
        ], maximumKVTokens: kvTokens))
  }

  static func h200() throws -> EngineProfile { try Fixture.profile() }

  static func measured(_ name: String) throws -> EngineProfile { try Fixture.profile(name) }
}

/// Traces made for a test.
enum Traces {
  /// Poisson arrivals with the given rate; lengths as `isl` and `osl` make them.
  static func poisson(
    rate: Double, count: Int, seed: UInt64 = 7,
    isl: (inout SimulationRandom) -> Int32 = { _ in 1 },
    osl: (inout SimulationRandom) -> Int32 = { _ in 1 }
  ) -> RequestTrace {
    var random = SimulationRandom(seed: seed)
    var trace = RequestTrace()
    var time = 0.0
    for _ in 0..<count {
      trace.append(arrival: time, isl: isl(&random), osl: osl(&random))
      time += random.exponential(mean: 1 / rate)
    }
    return trace
  }

  /// Requests with these arrivals, ISL and OSL.
  static func of(_ requests: [(time: Double, isl: Int32, osl: Int32)]) -> RequestTrace {
    var trace = RequestTrace()
    for request in requests {
      trace.append(arrival: request.time, isl: request.isl, osl: request.osl)
    }
    return trace
  }

  /// An exponential length with the given mean, at least 1.
  static func exponential(mean: Double) -> (inout SimulationRandom) -> Int32 {
    { Int32(min(max($0.exponential(mean: mean).rounded(), 1), 1e7)) }
  }
}

/// A mean with its standard error, from batches long enough to be nearly independent.
struct BatchMean {
  let mean: Double
  let standardError: Double

  init(_ values: [Double], batches: Int = 25) {
    let size = values.count / batches
    let means = (0..<batches).map { batch in
      values[(batch * size)..<((batch + 1) * size)].reduce(0, +) / Double(size)
    }
    let mean = means.reduce(0, +) / Double(batches)
    let variance =
      means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(batches - 1)
    self.mean = mean
    standardError = (variance / Double(batches)).squareRoot()
  }

  /// Whether `expected` lies within three standard errors (99.7 % of samples), or half a per cent
  /// where the error is smaller than the rounding of lengths to whole tokens.
  func agrees(with expected: Double) -> Bool {
    (mean - expected).magnitude <= max(3 * standardError, 0.005 * expected)
  }
}

extension SimulationSettings {
  /// A small cluster with everything else at its default.
  static func small(
    prefill: Int = 1, decode: Int = 1, mode: DeploymentMode = .disagg, startUp: Double = 60,
    maximumSequences: Int? = nil, ttft: Double = 300, itl: Double = 15, report: Int = 180
  ) -> SimulationSettings {
    SimulationSettings(
      cluster: ClusterSettings(
        mode: mode, initialReplicas: [.prefill: prefill, .decode: decode],
        startUpSeconds: startUp, maximumSequences: maximumSequences),
      targets: LatencyTargets(ttftMilliseconds: ttft, itlMilliseconds: itl), reportSeconds: report)
  }
}

extension SimulationRun {
  /// The cluster after everything was done.
  func finished(fixed: [Component: Int]? = nil) -> ClusterSimulation {
    var cluster = cluster(initialReplicas: fixed)
    cluster.advance(to: trace.duration + 1e6)
    return cluster
  }
}

/// Whether a value is there and near what is expected.
func near(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-9) -> Bool {
  value.map { ($0 - expected).magnitude <= tolerance } ?? false
}
