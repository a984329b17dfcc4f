import EngineProfiles

/// The JSON files of a profile, with the keys of the Dynamo planner.
struct LearnedProfileFiles {
  /// Name and text of each.
  let named: [(name: String, text: String)]

  /// Makes the files of what `profile` has.
  init(_ profile: EngineProfile) {
    named = [profile.prefill.map(Self.prefill), profile.decode.map(Self.decode)].compactMap { $0 }
  }

  private static func prefill(_ curve: PrefillCurve) -> (name: String, text: String) {
    let points = curve.points
    return (
      "prefill_raw_data.json",
      object([
        ("prefill_isl", array(points.map(\.isl))),
        ("prefill_ttft", array(points.map(\.ttftMilliseconds))),
        ("prefill_thpt_per_gpu", array(points.map(\.throughputPerGPU))),
      ])
    )
  }

  private static func decode(_ surface: DecodeSurface) -> (name: String, text: String) {
    let points = surface.points
    return (
      "decode_raw_data.json",
      object([
        ("x_kv_usage", array(points.map(\.kvUsage))),
        ("y_context_length", array(points.map(\.contextLength))),
        ("z_itl", array(points.map(\.itlMilliseconds))),
        ("z_thpt_per_gpu", array(points.map(\.throughputPerGPU))),
        ("max_kv_tokens", "\(surface.maximumKVTokens)"),
      ])
    )
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ",\n ") + "}\n"
  }

  private static func array(_ values: [Double]) -> String {
    "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
  }
}
