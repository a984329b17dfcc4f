import Settings
import Testing

@Suite("Documents that are not the planner's own")
struct DocumentTreeTests {
  @Test("YAML and JSON give the same tree, and values keep their text")
  func shapes() throws {
    let yaml = """
      # a kubeconfig
      clusters:
      - name: c
        cluster: {server: "https://10.0.0.1:6443", insecure-skip-tls-verify: true}
      users:
      - name: 'true'
        user:
          token: 0123
          password: "false"
          note: |-
            two
            lines
      empty:
      number: 1e5
      """
    let json = """
      {"clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1:6443",
        "insecure-skip-tls-verify": true}}],
       "users": [{"name": "true", "user": {"token": "0123", "password": "false",
        "note": "two\\nlines"}}],
       "empty": null, "number": 1e5}
      """
    let expected = DocumentTree.table([
      "clusters": .list([
        .table([
          "name": .text("c"),
          "cluster": .table([
            "server": .text("https://10.0.0.1:6443"), "insecure-skip-tls-verify": .flag(true),
          ]),
        ])
      ]),
      "users": .list([
        .table([
          "name": .text("true"),
          "user": .table([
            "token": .text("0123"), "password": .text("false"), "note": .text("two\nlines"),
          ]),
        ])
      ]),
      "empty": .nothing, "number": .text("1e5"),
    ])
    #expect(try DocumentTree.parse(yaml) == expected)
    #expect(try DocumentTree.parse(json) == expected)
  }

  @Test("a !!binary value is the text that its base64 stands for, wrapped or not")
  func binary() throws {
    let wrapped = "a: !!binary |\n  d3JhcHBl\n  ZA==\n"
    for text in [wrapped, "a: !!binary d3JhcHBlZA==", "a: !!binary \"d3JhcHBlZA==\""] {
      #expect(try DocumentTree.parse(text) == .table(["a": .text("wrapped")]))
    }
    #expect(throws: DocumentTree.Problem.self) { try DocumentTree.parse("a: !!binary d3J") }
  }

  @Test(
    "an empty document is nothing, a single value is a text", arguments: ["", "# x", "~", "---"])
  func empty(text: String) throws {
    #expect(try DocumentTree.parse(text) == .nothing)
    #expect(try DocumentTree.parse("yes") == .text("yes"))
  }

  @Test("aliases are followed")
  func aliases() throws {
    #expect(
      try DocumentTree.parse("a: &x {b: 1}\nc: *x")
        == .table(["a": .table(["b": .text("1")]), "c": .table(["b": .text("1")])]))
  }

  /// A text that can't be read, and what the reason has to say.
  struct Hostile: Sendable, CustomTestStringConvertible {
    var text: String
    var part: String

    var testDescription: String { String(text.prefix(30)) }
  }

  static let hostile: [Hostile] = [
    Hostile(text: "token: s3cr3t\ntoken: s3cr3t", part: "more than once"),
    Hostile(text: "a: [s3cr3t", part: "line"), Hostile(text: "a: *s3cr3t", part: "line"),
    Hostile(text: "? [a]\n: 1", part: "single word"),
    Hostile(text: "a: \u{0}s3cr3t", part: "control characters"),
    Hostile(text: String(repeating: "[", count: 100_000), part: "line"),
    Hostile(
      text: String(repeating: "[", count: 60) + String(repeating: "]", count: 60),
      part: "levels deep"),
    Hostile(text: String(repeating: "x", count: 5 << 20), part: "bytes"),
    Hostile(text: ConfigurationFileTests.bomb(isKey: false), part: "aliases"),
  ]

  @Test("what can't be read is refused without quoting it", arguments: hostile)
  func refused(_ hostile: Hostile) throws {
    let problem = try #require(
      #expect(throws: DocumentTree.Problem.self) { try DocumentTree.parse(hostile.text) })
    #expect(problem.description.contains(hostile.part), "\(problem)")
    #expect(!problem.description.contains("s3cr3t"))
    #expect(problem.description.utf8.count < 200)
  }
}
