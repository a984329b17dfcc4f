import Testing

@testable import Settings

@Suite("Configuration file")
struct ConfigurationFileTests {
  static func entries(_ text: String) throws -> [ConfigurationFile.Entry] {
    try ConfigurationFile.parse(text, name: "planner.yaml").entries
  }

  @Test("keys and values are taken as they are written, with their lines")
  func yaml() throws {
    let text = """
      # targets
      ttft: 500.0   # ms
      "itl": '050'
      model-name: "meta/llama: 3"
      no_operation: yes
      config_note: |
        two
        lines
      empty:
      none: ~
      quoted: "null"
      """
    #expect(
      try Self.entries(text) == [
        .init(key: "ttft", value: .text("500.0"), line: 2),
        .init(key: "itl", value: .text("050"), line: 3),
        .init(key: "model-name", value: .text("meta/llama: 3"), line: 4),
        .init(key: "no_operation", value: .text("yes"), line: 5),
        .init(key: "config_note", value: .text("two\nlines\n"), line: 6),
        .init(key: "empty", value: .nothing, line: 9),
        .init(key: "none", value: .nothing, line: 10),
        .init(key: "quoted", value: .text("null"), line: 11),
      ])
  }

  @Test("JSON is read too")
  func json() throws {
    let text = "{\n\t\"ttft\": 5e2, \"no_operation\": true,\n\t\"model_name\": null}"
    #expect(
      try Self.entries(text) == [
        .init(key: "ttft", value: .text("5e2"), line: 2),
        .init(key: "no_operation", value: .text("true"), line: 2),
        .init(key: "model_name", value: .nothing, line: 3),
      ])
  }

  @Test(
    "a file without values is empty",
    arguments: ["", "\n\n", "# nothing\n", "---\n", "~", "null", "{}", "\u{FEFF}"])
  func empty(text: String) throws {
    #expect(try Self.entries(text) == [])
  }

  @Test("windows line ends and a byte order mark do no harm")
  func windows() throws {
    #expect(
      try Self.entries("\u{FEFF}ttft: 1\r\nitl: 2\r\n").map(\.value) == [.text("1"), .text("2")])
  }

  /// Texts that can't be read, and what the message has to say.
  static let unreadable: [(text: String, part: String)] = [
    ("ttft: 1\nttft: 2", "'ttft' more than once"),
    ("{\"itl\": 1, \"itl\": 1}", "'itl' more than once"),
    ("- ttft\n- itl", "has to be a table"), ("ttft", "has to be a table"),
    ("500", "has to be a table"), ("ttft: [", "line 2"), ("ttft: 1\n  itl: 2", "line 2"),
    ("\tttft: 1", "line 1"), ("ttft: \"1", "line 1"), ("a: *nobody", "line 1"),
    ("? [a, b]\n: 1", "single word"), ("a: 1\n---\nb: 2", "document"), ("%YAML 9.9\n--- a", "line"),
    ("a: \u{0}", "control characters"),
    (String(repeating: "[", count: 60_000), "line"),
    (String(repeating: "{a: ", count: 15_000), "line"),
    (String(repeating: "- ", count: 30_000), "line"),
    ("a: " + String(repeating: "x", count: 70_000), "65536 bytes"),
    (bomb(isKey: false), "aliases"), (bomb(isKey: true), "aliases"),
  ]

  /// "Billion laughs": each line repeats the one before nine times.
  static func bomb(isKey: Bool) -> String {
    var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in 1...20 {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [" + Array(repeating: alias, count: 9).joined(separator: ",")
      text += "]\n"
    }
    return text + (isKey ? "? *a20\n: 1\n" : "")
  }

  @Test("what can't be read is an error that names the place", arguments: unreadable)
  func refused(text: String, part: String) throws {
    let error = settingsError { _ = try Self.entries(text) }
    let message = try #require(error?.description)
    #expect(message.hasPrefix("The configuration file 'planner.yaml' can't be read: "))
    #expect(message.contains(part), "\(message)")
    #expect(message.utf8.count < 300)
    #expect(error?.exitCode == 78)
  }

  @Test("deep nesting below the reader's own limit doesn't exhaust the stack")
  func deepNesting() throws {
    let text =
      "scheduling: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(throws: SettingsError.self) { try Self.entries(text) }
  }

  @Test("a few aliases are allowed")
  func aliases() throws {
    #expect(
      try Self.entries("ttft: &x 300\nitl: *x\n").map(\.value) == [.text("300"), .text("300")])
  }

  // Peer fault 32: the original ignores it.
  @Test(
    "an unknown key is an error that names the nearest known one",
    arguments: [
      ("tfft: 1", "ttft"), ("TTFT: 1", "ttft"), ("maxGpuBudget: 1", "max_gpu_budget"),
      ("max_gpu_bugdet: 1", "max_gpu_budget"), ("load_metrics_samples: 1", "load_metric_samples"),
      ("--ttft: 1", "ttft"), ("kalman_q: 1", "kalman_r"), ("states: x", "state"),
      ("config: other.yaml", "kubeconfig"),
    ])
  func unknownKey(text: String, nearest: String) throws {
    let error = settingsError { _ = try resolve(minimalFlags, file: text) }
    let key = text.prefix { $0 != ":" }
    #expect(
      error?.description
        == "planner.yaml: '\(key)' (line 1) is not a known key; did you mean '\(nearest)'?")
    #expect(error?.exitCode == 78)
  }

  @Test(
    "a list or a table as a value is refused",
    arguments: ["etcd_endpoints: [http://a, http://b]", "ttft: {ms: 500}", "mode:\n  - agg"])
  func nested(text: String) throws {
    let error = settingsError { _ = try resolve(minimalFlags, file: text) }
    #expect(error?.description.contains("holds a list or a table") == true)
    #expect(error?.description.contains("(line 1)") == true)
  }

  @Test("null leaves the default")
  func null() throws {
    let (settings, _) = try resolve(minimalFlags, file: "ttft: null\nmodel_name: ~\nitl:\n")
    #expect(settings.targets.ttftMilliseconds == 500)
    #expect(settings.modelName == nil)
  }

  @Test("--config takes a path or, as Dynamo's planner does, the JSON itself")
  func source() {
    #expect(ConfigurationSource.given(flags: [:], environment: [:]) == nil)
    #expect(
      ConfigurationSource.given(
        flags: ["config": "a.yaml"], environment: ["SLA_PLANNER_CONFIG": "b.yaml"])
        == .file(path: "a.yaml"))
    #expect(
      ConfigurationSource.given(flags: [:], environment: ["SLA_PLANNER_CONFIG": "b.yaml"])
        == .file(path: "b.yaml"))
    #expect(
      ConfigurationSource.given(flags: ["config": " {\"ttft\": 1}"], environment: [:])
        == .inline("{\"ttft\": 1}"))
  }
}
