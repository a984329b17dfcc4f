import Testing

@testable import Commands

@Suite("Arguments that count for every command")
struct GlobalArgumentsTests {
  @Test("they are taken out, wherever they stand, and become the log's level")
  func taken() throws {
    let quiet = try GlobalArguments(["status", "-q", "--state", "x"])
    #expect(quiet.rest == ["status", "--state", "x", "--log-level=error"])
    let verbose = try GlobalArguments(["-v", "run"])
    #expect(verbose.rest == ["run", "--log-level=debug"])
    #expect(try GlobalArguments(["simulate", "-q"]).rest == ["simulate"])
    #expect(
      try GlobalArguments(["run", "-q", "--log-level", "info"]).rest == [
        "run", "--log-level", "info",
      ])
    #expect(try GlobalArguments(["run", "--help-all"]).rest == ["run", "--help-hidden"])
    #expect(try GlobalArguments(["run", "--", "-q"]).rest == ["run", "--", "-q"])
  }

  @Test("colours are auto, always or never, and nothing else")
  func colours() throws {
    #expect(try GlobalArguments(["status"]).colour == .auto)
    #expect(try GlobalArguments(["status", "--color", "never"]).colour == .never)
    #expect(try GlobalArguments(["--color=always", "status"]).colour == .always)
    #expect { try GlobalArguments(["--color", "green"]) } throws: {
      "\($0)".contains("auto, always or never")
    }
  }

  @Test(
    "a word that is no command is met with what was probably meant",
    arguments: [
      ("histroy", "did you mean 'history'?"), ("stat", "did you mean 'status'?"),
      ("frobnicate", "no command 'frobnicate'."),
    ])
  func misspelt(word: String, words: String) throws {
    let failure = try #require(
      MisspeltCommand.failure([word], among: ["run", "history", "status", "explain"]))
    #expect(failure.description.contains(words), "\(failure)")
    #expect(failure.code == .usage)
  }

  @Test("commands and flags are no misspelt commands", arguments: [["run"], ["--ttft", "3"], []])
  func wellSpelt(arguments: [String]) {
    #expect(MisspeltCommand.failure(arguments, among: ["run", "history"]) == nil)
  }
}
