import Foundation
import Testing

@testable import Settings

/// docs/reference/flags.md is the option table, printed. Written anew by
/// `SLA_PLANNER_WRITE_DOCS=1 scripts/test --filter FlagsPageTests`.
@Suite("The page of all options")
struct FlagsPageTests {
  private static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/reference/flags.md")

  @Test("docs/reference/flags.md says what the option table says")
  func pageIsTheTable() throws {
    let expected = Self.intro + OptionTable.sections.map(Self.table).joined()
    if ProcessInfo.processInfo.environment["SLA_PLANNER_WRITE_DOCS"] != nil {
      try Data(expected.utf8).write(to: Self.page)
    }
    let written = try String(decoding: Data(contentsOf: Self.page), as: UTF8.self)
    let missing = expected.split(separator: "\n").filter { !written.contains($0) }
    #expect(
      written == expected,
      "Write it anew: SLA_PLANNER_WRITE_DOCS=1 scripts/test --filter FlagsPageTests. Missing: \(missing)"
    )
  }

  private static let intro = """
    # Options of `run`

    This page is written from the option table (`Sources/Settings/Sections`), which a test holds it to. Every option can
    be given as a flag, as the environment variable `SLA_PLANNER_` and its name in capitals with `_`, and by name
    (`-` or `_`) in the `--config` file (YAML or JSON). Flag goes before environment, environment before file, file before
    default. A key that nobody knows is an error that names the nearest known one. *Also* are other names: variables
    (`$…`), flags (`--…`) and keys of the file (bare; field names of the Dynamo planner). Secrets have no flag.


    """

  private static func table(_ section: OptionSection) -> String {
    let rows = section.options.map { option in
      let also =
        option.environment.map { "`$\($0)`" }
        + option.aliases.map { alias in
          let name =
            alias.scope == .flag
            ? "--\(alias.name)" : alias.name.replacingOccurrences(of: "-", with: "_")
          return "`\(name)`" + (alias.isInverted ? " (inverted)" : "")
        }
      let name = option.flagStyle == .none ? option.name : "--\(option.name)"
      let cells = [
        "`\(name)`" + (option.unit.isEmpty ? "" : " \(option.unit)"),
        option.standard.map { "`\($0)`" } ?? "",
        option.kind.rule,
        option.help,
        also.joined(separator: ", "),
      ]
      return "| "
        + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }
        .joined(separator: " | ") + " |\n"
    }
    return "## \(section.title)\n\n| option | default | value | what it does | also |\n"
      + "|---|---|---|---|---|\n" + rows.joined() + "\n"
  }
}
