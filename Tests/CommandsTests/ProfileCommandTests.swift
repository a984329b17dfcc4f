@testable import Application
import ArgumentParser
import EngineProfiles
import Foundation
import Invocation
import Planning
import TestSupport
import Testing

@testable import Commands

@Suite struct ProfileCommandTests {
  private let h100 = Fixture.url("profiles/h100-llama3.3-70b-tp8").path

  @Test("a profile is shown with its points, its rows and what contradicts itself in it")
  func showsProfile() throws {
    let profile = try ProfileFiles(directory: h100).profile
    let text = ProfileText(
      ProfileDocument(directory: "results", profile: profile, answers: nil)
    ).text
    #expect(
      text == """
        Profile results

        Prefill: 9 points
            ISL   TTFT ms   tokens/s/GPU   GPU s/prompt
            100      19.0          658.5         0.1519
           2135      95.2         2803.3         0.7616
           4170     162.3         3211.2         1.2986
           6205     498.2         1556.7         3.9859
           8240     321.0         3209.1         2.5677
          10275     416.4         3084.2         3.3315
          12310     494.7         3110.7         3.9573
          14345     584.3         3068.7         4.6747
          16380     703.8         2909.1         5.6306

        Decode: 39 points, KV cache of 224133 tokens
          context   loads   sequences   KV usage %      ITL ms   tokens/s/GPU
              350       9       1…369     0.2…57.6    9.5…34.9    13.2…1253.9
            16671      12        1…12     7.4…89.3   10.6…21.3      10.5…48.8
            32992       6         1…6    14.7…88.3   11.1…21.3       8.6…22.3
            49313       4         1…4    22.0…88.0   11.6…22.3       7.2…13.4
            65634       3         1…3    29.3…87.9   12.0…22.8        6.0…9.1
            81955       2         1…2    36.6…73.1   12.2…19.9        5.0…6.4
            98276       2         1…2    43.8…87.7   12.5…22.7        4.3…5.1
           114597       1           1         51.1        12.7            3.6

        Warning: GPU time per prompt falls with ISL: 3.986 s at ISL 6205, but 2.568 s at ISL \
        8240. Measure these points again.
        Warning: Context length 114597 was profiled at one load only; the slope of the nearest \
        context length is used there.
        """)
  }

  @Test("a question is answered for prefill, for a load, and for a latency target")
  func answers() throws {
    let profile = try ProfileFiles(directory: h100).profile
    let answers = ProfileAnswers(
      profile, isl: 16_596, osl: 150, concurrency: 4, ttftTarget: 500, itlTarget: 15.05)
    let text = ProfileText(
      ProfileDocument(directory: "results", profile: profile, answers: answers)
    ).text
    let expected = """
      At ISL 16596, OSL 150 (context length 16671)
        prefill  TTFT 703.8 ms on an idle engine, 2909.1 tokens/s per GPU (0.18 prompts/s); \
      the target of 500 ms can't be met
        decode   ITL 13.21 ms, 29.4 tokens/s per GPU with 4 sequences (29.8 % of the KV cache)
        best     ITL 15.05 ms, 37.0 tokens/s per GPU with 6 sequences (44.7 % of the KV cache), \
      the highest load within the ITL target of 15.05 ms
        Warning: ISL 16596 is outside the profiled 100…16380 tokens; the nearest profiled length \
      is used.
      """
    #expect(text.contains(expected), "\(text)")
  }

  @Test("a latency of a fiftieth of a millisecond is not shown as 0")
  func tinyLatency() throws {
    let prefill = try PrefillCurve(
      isl: [100, 200], ttftMilliseconds: [0.02, 0.04], throughputPerGPU: [5e6, 5e6])
    let text = ProfileText(
      ProfileDocument(
        directory: "results", profile: EngineProfile(prefill: prefill), answers: nil)
    ).text
    #expect(text.contains("0.02") && text.contains("0.04"), "\(text)")
  }

  @Test("a target that can't be met is answered with the lowest load")
  func unmetTarget() throws {
    let profile = try ProfileFiles(directory: h100).profile
    let answers = ProfileAnswers(
      profile, isl: 16_671, osl: 0, concurrency: nil, ttftTarget: nil, itlTarget: 5)
    #expect(answers.best?.meetsTarget == false)
    let text = ProfileText(
      ProfileDocument(directory: "results", profile: profile, answers: answers)
    ).text
    #expect(text.contains("  best     the ITL target of 5 ms can't be met; lowest load: ITL 10.57"))
  }

  @Test("the JSON output carries points, answers and warnings under stable names")
  func json() throws {
    let profile = try ProfileFiles(directory: h100).profile
    let answers = ProfileAnswers(
      profile, isl: 3000, osl: 300, concurrency: 2, ttftTarget: 200, itlTarget: 20)
    let text = try JSONText.encode(
      ProfileDocument(directory: "results", profile: profile, answers: answers))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(
      object.keys.sorted() == ["answers", "decode", "directory", "prefill", "schema", "warnings"])
    let found = try #require(object["answers"] as? [String: Any])
    #expect(found["context_length"] as? Double == 3150)
    #expect((found["prefill"] as? [String: Any])?["meets_target"] as? Bool == true)
    #expect(
      (found["decode"] as? [String: Any])?.keys.sorted()
        == ["concurrency", "itl_ms", "kv_usage", "throughput_per_gpu"])
    #expect((found["best"] as? [String: Any])?["meets_target"] as? Bool == true)
    #expect(((object["decode"] as? [String: Any])?["points"] as? [Any])?.count == 39)
  }

  @Test(
    "questions that make no sense are usage errors",
    arguments: [
      ["dir", "--isl", "0"], ["dir", "--isl", "nan"], ["dir", "--isl", "-5"],
      ["dir", "--isl", "1e10"],
      ["dir", "--osl", "5"],
      ["dir", "--isl", "5", "--osl", "-1"], ["dir", "--itl", "5"], ["dir", "--concurrency", "5"],
      ["dir", "--isl", "5", "--ttft", "inf"], ["dir", "--output", "xml"], [], ["dir", "more"],
    ])
  func refuses(arguments: [String]) {
    #expect(throws: (any Error).self) { try ProfileShowCommand.parse(arguments) }
  }

  @Test("help names the output length's default as one would write it")
  func help() {
    let help = ProfileShowCommand.helpMessage(columns: 200)
    #expect(help.contains("(default: 0)") && !help.contains("0.0"))
  }

  @Test(
    "a question about no prompt length is refused with the flag that it lacks",
    arguments: ["--osl", "--concurrency", "--ttft", "--itl"])
  func withoutPromptLength(_ flag: String) {
    let error = #expect(throws: (any Error).self) {
      try ProfileShowCommand.parse(["results", flag, "4"])
    }
    let message = error.map { ProfileShowCommand.message(for: $0) } ?? ""
    #expect(message.contains(flag) && message.contains("--isl 3000"))
  }

  @Test("only the files that the mode needs have to be there")
  func readsWhatModeNeeds() throws {
    try withFolder { folder in
      try copy("decode_raw_data.json", to: folder)
      #expect(try ProfileFiles(directory: folder.path, mode: .decode).read.count == 1)
      #expect(try ProfileFiles(directory: folder.path).profile.prefill == nil)
      #expect {
        try ProfileFiles(directory: folder.path, mode: .disagg)
      } throws: { error in
        (error as? CommandFailure)?.code == .unreadableInput
          && "\(error)".contains("holds no prefill data")
      }
    }
  }

  @Test("a folder without a profile, or with one that can't be read, is exit code 65")
  func unreadable() throws {
    try withFolder { folder in
      func failure() -> CommandFailure? {
        do {
          _ = try ProfileFiles(directory: folder.path)
          return nil
        } catch {
          return CommandFailure(error)
        }
      }
      #expect(failure()?.code == .unreadableInput)
      #expect(failure()?.description.contains("holds no profile") == true)

      try copy("decode_raw_data.json", to: folder)
      #expect(failure() == nil)
      // A damaged NPZ file is not passed over in favour of the JSON file.
      let npz = folder.appendingPathComponent("selected_decode_interpolation")
      try FileManager.default.createDirectory(at: npz, withIntermediateDirectories: true)
      try Data("no archive".utf8).write(to: npz.appendingPathComponent("raw_data.npz"))
      #expect(failure()?.code == .unreadableInput)
      #expect(failure()?.description.contains("not a complete ZIP archive") == true)

      try FileManager.default.removeItem(at: npz)
      try FileManager.default.createDirectory(
        at: npz.appendingPathComponent("raw_data.npz"), withIntermediateDirectories: true)
      #expect(failure()?.description.contains("can't be read: not a file") == true)
    }
  }

  private func copy(_ name: String, to folder: URL) throws {
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: h100).appendingPathComponent(name),
      to: folder.appendingPathComponent(name))
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("profile-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }
}
