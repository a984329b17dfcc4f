import EngineProfiles
import Forecasting
@testable import Planning
import TestSupport
import Testing

@Suite("Throughput decisions of the original planner")
struct GoldenThroughputTests {
  static func sizing(_ golden: GoldenThroughputCase) -> CapacitySizing {
    CapacitySizing(
      policy: PlanningPolicy(
        mode: .disagg,
        targets: LatencyTargets(ttftMilliseconds: golden.ttft, itlMilliseconds: golden.itl),
        minimumReplicas: golden.min_endpoint,
        gpusPerReplica: [
          .prefill: golden.prefill_engine_num_gpu, .decode: golden.decode_engine_num_gpu,
        ], throughput: ThroughputPolicy(intervalSeconds: golden.interval_s)),
      intervalSeconds: golden.interval_s,
      slowdown: EngineSlowdown(
        prefill: golden.p_correction_factor, decode: golden.d_correction_factor))
  }

  static func forecast(_ golden: GoldenThroughputCase) -> TrafficForecast {
    TrafficForecast(
      predictor: .constant, requestCount: golden.num_req, isl: golden.isl, osl: golden.osl)
  }

  /// Prefill is equal wherever the original's spline stays within what was profiled; elsewhere the
  /// spline overshoots the profile (departure 9), or the input is none (NaN, negative).
  @Test("prefill equals the reference wherever the spline stays within the profile")
  func prefillEqualsTheReferenceWhereverTheSpline() throws {
    let profiles = try GoldenProfiles.load()
    let file = try Fixture.json(GoldenThroughputFile.self, "golden/decisions_throughput.json")
    var compared = 0
    for golden in file.cases {
      guard let profile = profiles[golden.profile], let curve = profile.prefill,
        let reference = golden.p_thpt_per_gpu, case .count(let expected) = golden.num_p,
        golden.num_req.isFinite, golden.isl.isFinite, golden.osl.isFinite
      else { continue }
      let ours = curve.throughputPerGPU(isl: golden.isl)
      guard abs(ours - reference) <= 1e-9 * reference.magnitude else {
        #expect(
          !range(curve.points.map(\.throughputPerGPU)).contains(reference),
          "\(golden.profile) ISL \(golden.isl): \(ours) instead of \(reference)")
        continue
      }
      let sizings = try Self.sizing(golden).size(Self.forecast(golden), profile: profile)
      #expect(sizings[.prefill]?.replicas == expected, "\(golden)")
      compared += 1
    }
    #expect(compared > 500)
  }

  /// With the reference's own throughput in the place of our surface's, the arithmetic of decode is
  /// the same: so all differences of the decode counts come from the surface.
  @Test("decode equals the reference on the reference's own surface values")
  func decodeEqualsTheReference() throws {
    let file = try Fixture.json(GoldenThroughputFile.self, "golden/decisions_throughput.json")
    var compared = 0
    for golden in file.cases {
      guard let throughput = golden.d_thpt_per_gpu, case .count(let expected) = golden.num_d,
        golden.num_req.isFinite, golden.osl.isFinite
      else { continue }
      let demand = golden.num_req * golden.osl / Double(golden.interval_s)
      let ours = ReplicaSizing.replicas(
        demand: demand, throughputPerGPU: throughput, gpusPerReplica: golden.decode_engine_num_gpu,
        minimum: golden.min_endpoint)
      #expect((ours?.count ?? golden.min_endpoint) == expected, "\(golden)")
      compared += 1
    }
    #expect(compared > 500)
  }

  @Test("the prefill correction equals the reference")
  func prefillCorrectionEqualsTheReference() throws {
    let profiles = try GoldenProfiles.load()
    let file = try Fixture.json(GoldenThroughputFile.self, "golden/decisions_throughput.json")
    var compared = 0
    for golden in file.correction_cases {
      guard let profile = profiles[golden.profile], golden.num_req > 0, golden.ttft > 0,
        golden.isl > 0, golden.p_correction_factor.isFinite, golden.p_correction_factor > 0
      else { continue }
      let factors = EngineSlowdown().updated(
        by: TrafficObservation(
          intervalEnd: 0, requestCount: golden.num_req, isl: golden.isl, osl: golden.osl,
          ttftMilliseconds: golden.ttft), profile: profile, intervalSeconds: golden.interval_s,
        decodeWorkers: nil)
      // Equal, but where the original's TTFT spline leaves the profiled values.
      let expected = golden.ttft / golden.p_correction_factor
      if let curve = profile.prefill,
        !range(curve.points.map(\.ttftMilliseconds)).contains(expected)
      {
        continue
      }
      #expect(
        abs(factors.prefill - golden.p_correction_factor)
          <= 1e-9 * golden.p_correction_factor, "\(golden)")
      #expect(factors.decode == 1)
      compared += 1
    }
    #expect(compared > 200)
  }

  // Departure 14, 15
  @Test("a factor stays as it was when its inputs are not all known")
  func factorStaysAsItWas() throws {
    let profile = try Profiles.h200()
    let before = EngineSlowdown(prefill: 0.8, decode: 1.3)
    func updated(_ observation: TrafficObservation, workers: Int? = 2) -> EngineSlowdown {
      before.updated(
        by: observation, profile: profile, intervalSeconds: 180, decodeWorkers: workers)
    }
    var seen = TrafficObservation(
      intervalEnd: 180, requestCount: 100, isl: 3000, osl: 150, ttftMilliseconds: 50,
      itlMilliseconds: 10, requestDurationSeconds: 2)
    #expect(updated(seen).prefill != 0.8 && updated(seen).decode != 1.3)
    #expect(updated(seen, workers: 0).decode == 1.3)
    #expect(updated(seen, workers: nil).decode == 1.3)
    seen.requestDurationSeconds = nil
    #expect(updated(seen).decode == 1.3)
    seen.ttftMilliseconds = nil
    #expect(updated(seen).prefill == 0.8)
    seen.requestCount = 0
    seen.ttftMilliseconds = 50
    #expect(updated(seen) == before)
  }

  // Departure 13a
  @Test("a TTFT target that no replica count meets is said")
  func ttftTargetThatNoReplicaCountMeetsIsSaid() throws {
    let policy = PlanningPolicy(
      mode: .prefill, targets: LatencyTargets(ttftMilliseconds: 1, itlMilliseconds: 20),
      gpusPerReplica: [.prefill: 1], throughput: ThroughputPolicy())
    let sizing = CapacitySizing(
      policy: policy, intervalSeconds: 180, slowdown: EngineSlowdown()
    ).sizePrefill(
      TrafficForecast(predictor: .constant, requestCount: 100, isl: 3000, osl: 150),
      try #require(try Profiles.h200().prefill))
    #expect(sizing.warnings.contains { $0.contains("more replicas can't shorten it") })
  }

  // Departure 12
  @Test("an ITL target that no load meets is said")
  func itlTargetThatNoLoadMeetsIsSaid() throws {
    let policy = PlanningPolicy(
      mode: .decode, targets: LatencyTargets(ttftMilliseconds: 200, itlMilliseconds: 0.1),
      gpusPerReplica: [.decode: 1], throughput: ThroughputPolicy())
    let sizing = CapacitySizing(
      policy: policy, intervalSeconds: 180, slowdown: EngineSlowdown()
    ).sizeDecode(
      TrafficForecast(predictor: .constant, requestCount: 100, isl: 3000, osl: 150),
      try #require(try Profiles.h200().decode))
    #expect(sizing.warnings.contains { $0.contains("no profiled load keeps the ITL") })
  }

  // Departure 9: the original gives 70, 405, 1, 112 replicas for ISL 16000 … 34000.
  @Test("decode replicas never fall as the ISL grows on the H100 profiles")
  func decodeReplicasNeverFall() throws {
    for name in ["h100-llama3.3-70b-tp4", "h100-llama3.3-70b-tp8"] {
      let surface = try #require(try Profiles.load(name).decode)
      let policy = PlanningPolicy(
        mode: .decode, targets: LatencyTargets(ttftMilliseconds: 200, itlMilliseconds: 20),
        gpusPerReplica: [.decode: 1], throughput: ThroughputPolicy())
      let sizing = CapacitySizing(
        policy: policy, intervalSeconds: 180, slowdown: EngineSlowdown())
      var previous = 0
      for isl in stride(from: 16_000.0, through: 34_000, by: 500) {
        let replicas = sizing.sizeDecode(
          TrafficForecast(predictor: .constant, requestCount: 3600, isl: isl, osl: 500), surface
        ).replicas
        #expect(replicas >= previous, "\(name) at ISL \(isl)")
        previous = replicas
      }
    }
  }
}

private func range(_ values: [Double]) -> ClosedRange<Double> {
  (values.min() ?? 0)...(values.max() ?? 0)
}
