import EngineProfiles
import Foundation
import TestSupport

/// The measured profiles of `Tests/Fixtures/profiles`.
enum Profiles {
  static func h200() throws -> EngineProfile { try load("h200-llama3.1-8b-tp1") }

  static func load(_ name: String) throws -> EngineProfile {
    func file(_ path: String) throws -> EngineProfile.File {
      EngineProfile.File(
        name: path, bytes: Array(try Fixture.data("profiles/\(name)/\(path)")))
    }
    return try EngineProfile(
      prefillFile: file("prefill_raw_data.json"), decodeFile: file("decode_raw_data.json"))
  }
}

enum RoundTrip {
  static func json<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
