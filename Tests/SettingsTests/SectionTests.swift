import Testing

@testable import Settings

@Suite("Sections of the settings")
struct SectionTests {
  /// A section with what the planner's own ones don't have.
  struct Sample: SettingsSection {
    static let title = "Sample"
    var headers: [String]
    var count: Int

    init(_ options: inout OptionReader) throws(SettingsError) {
      headers = try options.list(.init("header", .pairs, unit: "NAME=VALUE", help: "Sent along."))
      count = try options.integer(.init("count", .integer(1...9), default: "3", help: "How many."))
    }
  }

  @Test("declare their options by reading them")
  func declaring() {
    let section = OptionSection(of: Sample.self)
    #expect(section.title == "Sample")
    #expect(section.options.map(\.name) == ["header", "count"])
    #expect(section.options.map(\.standard) == [nil, "3"])
  }

  @Test("are resolved one by one, whatever is wrong with the others")
  func single() throws {
    let given = try GivenSettings(
      flags: ["namespace": "chat", "sla-quantile": "7"],
      environment: ["SLA_PLANNER_STATE": "a.sqlite", "SLA_PLANNER_DEADLINE": "never"])
    #expect(try given.read(CommonSettings.self).dynamoNamespace == "chat")
    #expect(try given.read(StateSettings.self).path == "a.sqlite")
    #expect(try given.text(of: StateSettings.file) == "a.sqlite")
    #expect(settingsError { _ = try given.read(SizingSettings.self) }?.exitCode == 64)
    #expect(settingsError { _ = try given.read(OutputSettings.self) }?.exitCode == 78)
  }

  @Test("check the rules among their own options")
  func rules() throws {
    let given = try GivenSettings(flags: ["etcd-user": "root"])
    #expect(settingsError { _ = try given.read(ConnectorSettings.self) }?.exitCode == 78)
    _ = try given.read(SourceSettings.self)
  }

  @Test("take an option that can be repeated as one value a line")
  func repeatable() throws {
    func headers(_ text: String?) throws -> [String] {
      var layer = SettingsLayer()
      let option = try #require(OptionSection(of: Sample.self).options.first)
      if let text { try layer.add(text, to: option, origin: .flag("header")) }
      var reader = OptionReader([layer])
      return try Sample(&reader).headers
    }
    #expect(try headers(nil) == [])
    #expect(try headers("X-Scope-OrgID=chat\nb=1,2=3") == ["X-Scope-OrgID=chat", "b=1,2=3"])
    #expect(try headers("a=") == ["a="])
    for nonsense in ["a", "=b", "a=1\nb", "a=1\rb=2", "\n"] {
      #expect(throws: SettingsError.self) { try headers(nonsense) }
    }
  }

  @Test(
    "a list or a table of single values is read as one value a line, more is refused",
    arguments: [
      ("[a=1, b=2]", ["a=1", "b=2"]), ("{b: \"2\", a: 1}", ["a=1", "b=2"]), ("[a=1, [b]]", nil),
      ("{a: {b: 1}}", nil), ("a=1", nil),
    ] as [(String, [String]?)])
  func lists(text: String, lines: [String]?) throws {
    #expect(try DocumentTree.parse(text).lines == lines)
  }
}
