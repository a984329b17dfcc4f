import ArgumentParser
import Settings
import Testing

@testable import Commands

@Suite("Flags of run")
struct RunOptionsTests {
  private static func layer(_ arguments: [String]) throws -> [String: String] {
    try RunCommand.parse(arguments).flagLayer
  }

  @Test("are exactly those of the option table, and each arrives under its name")
  func agreement() throws {
    let options = OptionTable.options.filter { $0.flagStyle != .none }
    let arguments = options.flatMap { option in
      option.flagStyle == .value
        ? ["--\(option.name)", "value of \(option.name)"]
        : ["--\(option.name)"]
    }
    let expected = options.reduce(into: [:]) { layer, option in
      layer[option.name] = option.flagStyle == .value ? "value of \(option.name)" : "true"
    }
    #expect(try Self.layer(arguments) == expected)
    let declared = Set(flags(in: RunCommand.helpMessage(includeHidden: true, columns: 10_000)))
    let table = options.flatMap { [$0.name] + $0.aliases.filter { $0.scope == .flag }.map(\.name) }
    #expect(declared.subtracting(table) == ["help"])
    #expect(Set(table).subtracting(declared) == [])
  }

  /// The flags that the left column of a help screen declares.
  private func flags(in help: String) -> [String] {
    help.split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
      line.split(separator: " ", omittingEmptySubsequences: true)
        .prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
        .flatMap { $0.split(whereSeparator: { ",/".contains($0) }) }
        .filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) }
    }
  }

  @Test("stand in the help screen by sections, in the table's order, with their defaults")
  func help() throws {
    let help = RunCommand.helpMessage(includeHidden: true, columns: 100)
    let titles = help.split(separator: "\n").filter {
      $0.hasSuffix(":") && !$0.hasPrefix(" ") && $0 != "Examples:"
    }
    .map { String($0.dropLast()) }
    #expect(titles == OptionTable.sections.map { $0.title.uppercased() } + ["OPTIONS"])
    #expect(help.contains("Target time to first token. (default: 500)"))
    #expect(help.contains("--no-operation, --dry-run"))
    #expect(help.contains("--enable-throughput-scaling/--disable-throughput-scaling"))
  }

  @Test("the short help shows what most set-ups set, with examples, on one screen and a half")
  func shortHelp() {
    let help = RunCommand.helpMessage(columns: 80)
    let shown = Set(flags(in: help)).subtracting(["help", "dry-run", "disable-loadbased-scaling"])
    #expect(shown == Set(OptionTable.options.filter(\.isCommon).map(\.name)))
    #expect(help.contains("sla-planner run --config planner.yaml --dry-run"))
    #expect(help.split(separator: "\n", omittingEmptySubsequences: false).count < 110, "\(help)")
  }

  @Test("say nothing when they aren't given")
  func nothing() throws {
    #expect(try Self.layer([]) == [:])
  }

  @Test("--dry-run is --no-operation")
  func dryRun() throws {
    #expect(try Self.layer(["--dry-run"]) == ["no-operation": "true"])
  }

  @Test("switches come in pairs where the default may have to be undone")
  func pairs() throws {
    #expect(
      try Self.layer(["--disable-throughput-scaling", "--enable-loadbased-scaling"]) == [
        "enable-throughput-scaling": "false", "enable-loadbased-scaling": "true",
      ])
    #expect(throws: (any Error).self) {
      try Self.layer(["--disable-throughput-scaling", "--enable-throughput-scaling"])
    }
  }

  @Test(
    "numbers may be negative, so that the settings can say what is wrong with them",
    arguments: ["max-gpu-budget", "ttft", "now", "hold-fallback"])
  func negative(name: String) throws {
    #expect(try Self.layer(["--\(name)", "-1"]) == [name: "-1"])
    #expect(try Self.layer(["--\(name)=-1"]) == [name: "-1"])
  }

  @Test("a text doesn't swallow the next flag")
  func swallowing() {
    #expect(throws: (any Error).self) { try Self.layer(["--model-name", "--dry-run"]) }
  }

  @Test("an unknown flag is a usage error that names the nearest one")
  func unknown() {
    let error = #expect(throws: (any Error).self) { try Self.layer(["--ttfd", "1"]) }
    if let error {
      #expect(RunCommand.exitCode(for: error).rawValue == 64)
      #expect(RunCommand.message(for: error).contains("--ttft"))
    }
  }
}
