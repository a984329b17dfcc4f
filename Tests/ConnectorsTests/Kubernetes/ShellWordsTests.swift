import Testing

@testable import Connectors

@Suite("Shell words")
struct ShellWordsTests {
  @Test(
    "words are split as a POSIX shell does",
    arguments: [
      ("", []), ("   ", []), ("a b\tc\nd", ["a", "b", "c", "d"]),
      ("'a b' \"c d\"", ["a b", "c d"]),
      ("a'b'\"c\"d", ["abcd"]), ("''", [""]), ("\"\" x", ["", "x"]), ("a\\ b", ["a b"]),
      ("'a\\b'", ["a\\b"]), ("\"a\\\"b\"", ["a\"b"]), ("\"a\\nb\"", ["a\\nb"]),
      ("a \\\n b", ["a", "b"]), ("'open and on", ["open and on"]), ("a\\", ["a"]),
      ("--x='{\"k\": 1}'", ["--x={\"k\": 1}"]),
    ])
  func split(_ line: String, _ words: [String]) {
    #expect(ShellWords.split(line) == words)
  }
}
