import EngineProfiles

extension Fixture {
  /// The measured profile called `name` of `Tests/Fixtures/profiles`.
  public static func profile(_ name: String = "h200-llama3.1-8b-tp1") throws -> EngineProfile {
    func file(_ path: String) throws -> EngineProfile.File {
      EngineProfile.File(name: path, bytes: Array(try data("profiles/\(name)/\(path)")))
    }
    return try EngineProfile(
      prefillFile: file("prefill_raw_data.json"), decodeFile: file("decode_raw_data.json"))
  }
}
