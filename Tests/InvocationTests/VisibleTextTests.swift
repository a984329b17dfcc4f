import Invocation
import Testing

@Suite struct VisibleTextTests {
  @Test(
    "what would do something to a terminal or hide text is shown by its number",
    arguments: [
      ("plain, ü, 漢 and 🙂\n", "plain, ü, 漢 and 🙂\n"), ("\u{1b}[2J", "\\u{1B}[2J"),
      ("\u{9b}31m", "\\u{9B}31m"), ("a\u{202e}b", "a\\u{202E}b"), ("a\rb", "a\\u{D}b"),
      ("\u{7f}\u{200b}\u{2066}\u{feff}", "\\u{7F}\\u{200B}\\u{2066}\\u{FEFF}"),
    ])
  func plain(_ text: String, _ visible: String) {
    #expect(VisibleText.plain(text) == visible)
  }

  @Test("a message of several lines can be made one")
  func oneLine() {
    #expect(VisibleText.plain("a\nError: b", keepsLines: false) == "a Error: b")
  }

  @Test("JSON means the same afterwards")
  func json() throws {
    let value = ["a\u{9b}\u{202e}b\u{7f}"]
    let text = VisibleText.json(try JSONText.encode(value))
    #expect(text == #"["a\u009B\u202Eb\u007F"]"#)
    #expect(try JSONText.decode([String].self, from: text) == value)
  }
}
