import EngineProfiles
import Foundation
import TestSupport
import Testing

@Suite struct ProfileFileTests {
  static func file(_ path: String) throws -> EngineProfile.File {
    .init(name: path, bytes: Array(try Fixture.data(path)))
  }

  private func prefill(_ json: String) -> EngineProfile.File {
    .init(name: "prefill_raw_data.json", bytes: Array(json.utf8))
  }

  @Test(
    "a measured profile is the same from NPZ and from JSON",
    arguments: ["h200-llama3.1-8b-tp1", "h100-llama3.3-70b-tp8", "h100-llama3.3-70b-tp4"])
  func sameFromBothFormats(name: String) throws {
    let files = EngineProfile.fileCandidates
    func profile(_ i: Int) throws -> EngineProfile {
      try EngineProfile(
        prefillFile: Self.file("profiles/\(name)/\(files.prefill[i])"),
        decodeFile: Self.file("profiles/\(name)/\(files.decode[i])"))
    }
    let npz = try profile(0)
    let json = try profile(1)
    #expect(npz.prefill?.points == json.prefill?.points)
    #expect(npz.decode?.points == json.decode?.points)
    #expect(npz.decode?.maximumKVTokens == json.decode?.maximumKVTokens)
    #expect(npz.warnings == json.warnings)
    #expect((npz.prefill?.points.count ?? 0) >= 9)
    #expect((npz.decode?.points.count ?? 0) >= 39)
  }

  @Test(
    "every kind of NPZ file that NumPy writes for a profile is read",
    arguments: [
      "stored-f4", "stored-f8", "stored-i4", "stored-i8", "stored-u4", "stored-u8", "deflated-f4",
      "deflated-f8", "deflated-i4", "deflated-i8", "deflated-u4", "deflated-u8", "npy-version-2",
      "npy-version-3", "zip64-local-headers", "zip64-directory", "with-comment",
      "with-other-members", "shape-4x1", "fortran-1d",
    ])
  func readsNPZ(name: String) throws {
    let profile = try EngineProfile(prefillFile: Self.file("npz/\(name).npz"), decodeFile: nil)
    #expect(
      profile.prefill?.points == [
        PrefillPoint(isl: 100, ttftMilliseconds: 10, throughputPerGPU: 10_000),
        PrefillPoint(isl: 400, ttftMilliseconds: 20, throughputPerGPU: 20_000),
        PrefillPoint(isl: 500, ttftMilliseconds: 20, throughputPerGPU: 25_000),
        PrefillPoint(isl: 800, ttftMilliseconds: 40, throughputPerGPU: 20_000),
      ])
    #expect(profile.decode == nil)
  }

  @Test(
    "an NPZ file that can't be read says why",
    arguments: [
      ("refused-big-endian", "has elements of type '>f8', not one of <f4, <f8, <i4, <i8, <u4, <u8"),
      ("refused-half", "'<f2'"),
      ("refused-bool", "'|b1'"),
      ("refused-object", "'|O'"),
      ("refused-records", "holds records, not plain numbers"),
      ("refused-fortran-2d", "is stored in Fortran order"),
      ("refused-bzip2", "is compressed with unsupported method 12"),
      ("refused-not-npy", "is not in NPY format"),
      ("refused-empty", "There is no array of numbers \"prefill_isl\" (only nothing)"),
    ])
  func refusesNPZ(name: String, reason: String) {
    #expect {
      try EngineProfile(prefillFile: Self.file("npz/\(name).npz"), decodeFile: nil)
    } throws: { error in
      "\(error)".hasPrefix("npz/\(name).npz: ") && "\(error)".contains(reason)
    }
  }

  @Test(
    "JSON is read as Python writes it",
    arguments: [
      #"{"prefill_isl": [100, 2e2], "prefill_ttft": [1.5, 2], "prefill_thpt_per_gpu": [5, 6]}"#,
      #"{"prefill_isl": [100, 200, 3], "prefill_ttft": [1.5, 2, NaN], "#
        + #""prefill_thpt_per_gpu": [5, 6, 7]}"#,
      #"{"prefill_isl": [100, 200, 3], "prefill_ttft": [1.5, 2, -Infinity], "#
        + #""prefill_thpt_per_gpu": [5, 6, Infinity]}"#,
      #"{"prefill_isl": [100, 200, 3], "prefill_ttft": [1.5, 2, null], "#
        + #""prefill_thpt_per_gpu": [5, 6, 7], "note": {"by": ["NaN \" me"]}, "x": "y"}"#,
    ])
  func readsJSON(json: String) throws {
    let profile = try EngineProfile(prefillFile: prefill(json), decodeFile: nil)
    #expect(
      profile.prefill?.points == [
        PrefillPoint(isl: 100, ttftMilliseconds: 1.5, throughputPerGPU: 5),
        PrefillPoint(isl: 200, ttftMilliseconds: 2, throughputPerGPU: 6),
      ])
  }

  @Test("the KV cache size may be a number or an array of one")
  func readsKVTokens() throws {
    for tokens in ["5000", "[5000]", "5e3"] {
      let json =
        #"{"x_kv_usage": [0.1], "y_context_length": [500], "z_itl": [5], "#
        + #""z_thpt_per_gpu": [100], "max_kv_tokens": "# + tokens + "}"
      let file = EngineProfile.File(name: "decode_raw_data.json", bytes: Array(json.utf8))
      let profile = try EngineProfile(prefillFile: nil, decodeFile: file)
      #expect(profile.decode?.maximumKVTokens == 5000)
      #expect(profile.prefill == nil)
    }
  }

  @Test(
    "JSON that is no profile says why",
    arguments: [
      ("", "This is not a JSON object of named arrays"),
      ("[1, 2]", "This is not a JSON object of named arrays"),
      ("{", "This is not a JSON object of named arrays"),
      ("{}", "There is no array of numbers \"prefill_isl\" (only nothing)"),
      (
        #"{"x_kv_usage": [1], "z_itl": [2]}"#,
        "There is no array of numbers \"prefill_isl\" (only x_kv_usage, z_itl)"
      ),
      (
        #"{"prefill_isl": [[1]], "prefill_ttft": [2], "prefill_thpt_per_gpu": [3]}"#,
        "There is no array of numbers \"prefill_isl\""
      ),
      (
        #"{"prefill_isl": [1, 2], "prefill_ttft": [2], "prefill_thpt_per_gpu": [3]}"#,
        "differ in length"
      ),
      (
        #"{"prefill_isl": [-1], "prefill_ttft": [2], "prefill_thpt_per_gpu": [3]}"#,
        "No usable prefill point is left"
      ),
      (String(repeating: "[", count: 200_000), "This is not a JSON object"),
      (String(repeating: #"{"a":"#, count: 200_000), "This is not a JSON object"),
      ("\u{feff}\u{0}\u{1}", "This is not a JSON object"),
    ])
  func refusesJSON(json: String, reason: String) {
    #expect {
      try EngineProfile(prefillFile: prefill(json), decodeFile: nil)
    } throws: { error in
      "\(error)".hasPrefix("prefill_raw_data.json: ") && "\(error)".contains(reason)
        && !"\(error)".contains(".)")
    }
  }

  @Test("a file that is far too large is not looked at")
  func refusesLargeFiles() {
    let bytes = [UInt8](repeating: 0x20, count: EngineProfile.largestFile + 1)
    #expect(
      throws: ProfileError.file(
        "a.json", .tooLarge(bytes: bytes.count, limit: EngineProfile.largestFile))
    ) {
      try EngineProfile(prefillFile: .init(name: "a.json", bytes: bytes), decodeFile: nil)
    }
  }
}
