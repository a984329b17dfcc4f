import EngineProfiles
import Foundation
import TestSupport

/// The measured profiles of `Tests/Fixtures/profiles`.
enum Profiles {
  static func h200() throws -> EngineProfile { try Fixture.profile() }

  static func load(_ name: String) throws -> EngineProfile { try Fixture.profile(name) }
}

enum RoundTrip {
  static func json<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
