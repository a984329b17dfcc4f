import EngineProfiles
import Testing

/// Profiles and targets that can't be what was meant.
@Suite struct DoubtTests {
  /// What one array of a measured profile is multiplied by.
  private func scaled(
    _ profile: TestProfile, ttft: Double = 1, prefillThroughput: Double = 1, itl: Double = 1,
    decodeThroughput: Double = 1
  ) throws -> EngineProfile {
    let prefill = try profile.prefill().points
    let decode = try profile.decode()
    return EngineProfile(
      prefill: try PrefillCurve(
        isl: prefill.map(\.isl), ttftMilliseconds: prefill.map { $0.ttftMilliseconds * ttft },
        throughputPerGPU: prefill.map { $0.throughputPerGPU * prefillThroughput }),
      decode: try DecodeSurface(
        kvUsage: decode.points.map(\.kvUsage), contextLength: decode.points.map(\.contextLength),
        itlMilliseconds: decode.points.map { $0.itlMilliseconds * itl },
        throughputPerGPU: decode.points.map { $0.throughputPerGPU * decodeThroughput },
        maximumKVTokens: decode.maximumKVTokens))
  }

  @Test("a measured profile has the units it should have", arguments: TestProfile.all)
  func measured(_ profile: TestProfile) throws {
    #expect(try scaled(profile).unitFaults == [])
    #expect(
      try scaled(profile).targetFaults(ttftMilliseconds: 500, itlMilliseconds: 50) == [])
  }

  @Test(
    "seconds, microseconds and thousands are told for what they probably are",
    arguments: TestProfile.all)
  func units(_ profile: TestProfile) throws {
    func faults(_ scaled: EngineProfile) -> String { scaled.unitFaults.joined(separator: " ") }
    #expect(faults(try scaled(profile, ttft: 1e-3)).contains("prefill_ttft is probably in seconds"))
    #expect(faults(try scaled(profile, itl: 1e-3)).contains("z_itl is probably in seconds"))
    #expect(faults(try scaled(profile, ttft: 1e3)).contains("prefill_ttft is probably in micro"))
    #expect(faults(try scaled(profile, itl: 1e3)).contains("z_itl is probably in micro"))
    #expect(faults(try scaled(profile, prefillThroughput: 1e-3)).contains("in thousands"))
    #expect(faults(try scaled(profile, decodeThroughput: 1e-3)).contains("in thousands"))
    let warnings = try scaled(profile, itl: 1e-3).warnings
    #expect(warnings.first?.hasPrefix("The decode profile contradicts itself") == true)
  }

  @Test(
    "targets that nothing or everything meets are told, with what was probably meant",
    arguments: [
      (0.5, 50.0, "TTFT target of 0.5 ms can't be met", "Probably 500 is meant"),
      (500, 2000, "ITL target of 2000 ms says nothing", "--itl counts milliseconds"),
      (500, 0.02, "ITL target of 0.02 ms can't be met", "Probably 20 is meant"),
      (500_000, 50, "TTFT target of 500000 ms says nothing", "Probably 500 is meant"),
    ])
  func targets(ttft: Double, itl: Double, says: String, meant: String) throws {
    for profile in TestProfile.all {
      let faults = try scaled(profile).targetFaults(
        ttftMilliseconds: ttft, itlMilliseconds: itl)
      #expect(faults.count == 1)
      #expect(faults.first?.contains(says) == true, "\(faults)")
      #expect(faults.first?.contains(meant) == true, "\(faults)")
    }
  }
}
