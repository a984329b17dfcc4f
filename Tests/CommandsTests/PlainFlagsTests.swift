import ArgumentParser
import Settings
import Testing

@testable import Commands

/// The flags that are read without the argument parser, beside what the argument parser reads.
struct PlainFlagsTests {
  /// Calls with every option of the table, each call in another spelling: few, because the argument
  /// parser's own checks take half a second a call in debug builds.
  private static let calls: [[String]] = [
    every(value: { [$0, $1] }, toggle: { [$0] }, pair: { [$0.enable] }),
    every(value: { ["\($0)=\($1)"] }, toggle: { _ in [] }, pair: { [$0.disable] }),
    every(value: { _, _ in [] }, toggle: { [$0] }, pair: { _ in [] }),
    every(value: { [$0, "a=b", $0, $1] }, toggle: { _ in [] }, pair: { _ in [] }),
    OptionTable.options.filter { $0.flagStyle == .toggle }
      .flatMap { $0.aliases.filter { $0.scope == .flag }.map { "--\($0.name)" } },
  ]

  private static func every(
    value: (_ flag: String, _ value: String) -> [String], toggle: (_ flag: String) -> [String],
    pair: (_ flags: (enable: String, disable: String)) -> [String]
  ) -> [String] {
    OptionTable.options.flatMap { option -> [String] in
      let flag = "--\(option.name)"
      return switch option.flagStyle {
      case .value: value(flag, option.kind.isNumeric ? "-3" : "some text")
      case .toggle: toggle(flag)
      case .pair: pair((flag, "--disable-" + option.name.dropFirst("enable-".count)))
      case .none: []
      }
    }
  }

  @Test(
    "what is read without the argument parser is what the argument parser reads",
    arguments: calls)
  func agreesWithTheArgumentParser(_ arguments: [String]) throws {
    let parsed = try RunCommand.parse(arguments).flagLayer
    #expect(!parsed.isEmpty)
    #expect(PlainFlags.layer(arguments) == parsed)
    #expect(PlainFlags.layer(["run"] + arguments) == parsed)
  }

  @Test("no argument at all is a plain call of run")
  func acceptsNothing() {
    #expect(PlainFlags.layer([]) == [:])
    #expect(PlainFlags.layer(["run"]) == [:])
  }

  @Test("an empty value is a value, for the settings to refuse")
  func acceptsEmptyValues() {
    #expect(PlainFlags.layer(["--namespace="]) == ["namespace": ""])
    #expect(PlainFlags.layer(["--ttft=", "--dry-run"]) == ["ttft": "", "no-operation": "true"])
  }

  @Test(
    "what needs explaining is left to the argument parser",
    arguments: [
      ["--help"], ["run", "--help"], ["-h"], ["--version"], ["help"], ["forecast"], ["run", "run"],
      ["--namespace"], ["--namespace", "--dry-run"], ["--namespace", "-x"],
      ["--dry-run=true"],
      ["--no-such-flag", "1"], ["--namespace", "a", "b"], ["--"], ["--=x"], [""], ["-"],
      ["--enable-throughput-scaling", "--disable-throughput-scaling"],
      ["--kubeconfig", "file"], ["--generate-completion-script", "bash"],
    ])
  func leavesTheRest(_ arguments: [String]) {
    #expect(PlainFlags.layer(arguments) == nil)
  }
}
