import EngineProfiles
import Foundation
import TestSupport
import Testing

/// Damaged files: whatever the bytes, there is an error or a profile that answers with sane
/// numbers; never a trap, a hang or a huge allocation.
@Suite struct HostileFileTests {
  private static let paths = [
    "npz/stored-f8.npz", "npz/deflated-i4.npz", "npz/zip64-directory.npz",
    "npz/zip64-local-headers.npz",
  ]

  @Test("every truncation of an NPZ file is refused", arguments: paths)
  func truncated(path: String) throws {
    let bytes = Array(try Fixture.data(path))
    for count in 0..<bytes.count {
      #expect(throws: ProfileError.self) {
        try EngineProfile(
          prefillFile: .init(name: path, bytes: Array(bytes[..<count])), decodeFile: nil)
      }
    }
  }

  @Test("a flipped byte is refused or harmless, wherever it is", arguments: paths)
  func flipped(path: String) throws {
    let bytes = Array(try Fixture.data(path))
    for i in bytes.indices {
      for mask in [0x01, 0x80, 0xff] as [UInt8] {
        var damaged = bytes
        damaged[i] ^= mask
        try expectErrorOrSaneProfile(.init(name: path, bytes: damaged))
      }
    }
  }

  @Test("random damage is refused or harmless", arguments: paths + ["json"])
  func randomDamage(path: String) throws {
    let isJSON = path == "json"
    let bytes = Array(
      try Fixture.data(isJSON ? "profiles/h100-llama3.3-70b-tp8/prefill_raw_data.json" : path))
    var random = SeededRandom(seed: 2026)
    for _ in 0..<600 {
      var damaged = bytes
      for _ in 0...Int.random(in: 0..<6, using: &random) where !damaged.isEmpty {
        let i = damaged.indices.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<6, using: &random) {
        case 0: damaged[i] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged[i] = UInt8.random(in: 0...127, using: &random)
        case 2:
          damaged.insert(
            contentsOf: Array("\"[]{}',:\\u/*-+eE.xN".utf8).shuffled(using: &random), at: i)
        case 3: damaged.removeSubrange(i..<min(damaged.count, i + 7))
        case 4: damaged.insert(contentsOf: [0xff, 0xff, 0xff, 0xff], at: i)
        default:
          for j in i..<min(damaged.count, i + 8) { damaged[j] = [0, 0x7f, 0xff][j % 3] }
        }
      }
      try expectErrorOrSaneProfile(
        .init(name: isJSON ? "prefill_raw_data.json" : path, bytes: damaged))
    }
  }

  @Test(
    "values at the ends of the number range are left out or computed with, never NaN",
    arguments: [1e-300, 1e-13, 1e16, 1e300, 1.7976931348623157e308] as [Double])
  func extremeValues(value: Double) throws {
    let curve = try PrefillCurve(
      isl: [1, 2, 3, 4, value], ttftMilliseconds: [1, 2, value, 4, 5],
      throughputPerGPU: [1, value, 3, 4, 5])
    let surface = try DecodeSurface(
      kvUsage: [0.1, 0.2, value, 0.1], contextLength: [10, 10, 10, value],
      itlMilliseconds: [5, value, 7, 8], throughputPerGPU: [1, 2, 3, value],
      maximumKVTokens: 1000)
    for x in [1e-300, 1, 3.5, 1e300] {
      #expect(curve.ttftMilliseconds(isl: x).isFinite)
      #expect(curve.throughputPerGPU(isl: x).isFinite)
      #expect(surface.itlMilliseconds(concurrency: x, contextLength: 10).isFinite)
      #expect(surface.bestThroughput(itlMilliseconds: x, contextLength: x).throughputPerGPU > 0)
    }
  }

  @Test("a member that claims to unpack to gigabytes is refused before it is unpacked")
  func deflateBomb() throws {
    var bytes = Array(try Fixture.data("npz/deflated-f8.npz"))
    // The stated sizes in the central directory: 24 bytes after each of its signatures.
    for i in bytes.indices.dropLast(28) where bytes[i...].starts(with: [0x50, 0x4b, 1, 2]) {
      bytes.replaceSubrange((i + 24)..<(i + 28), with: [0xfe, 0xff, 0xff, 0xff])
    }
    #expect {
      try EngineProfile(prefillFile: .init(name: "bomb.npz", bytes: bytes), decodeFile: nil)
    } throws: { error in
      "\(error)".contains("is larger than 1048576 bytes")
    }
  }

  private func expectErrorOrSaneProfile(_ file: EngineProfile.File) throws {
    do {
      let profile = try EngineProfile(prefillFile: file, decodeFile: nil)
      let curve = try #require(profile.prefill)
      #expect(curve.ttftMilliseconds(isl: 450) > 0)
      #expect(curve.throughputPerGPU(isl: 450) > 0)
    } catch let error as ProfileError {
      #expect(!error.description.isEmpty)
    }
  }
}
