import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import Commands

/// The help screens of the commands that people on call use. Written anew by
/// `SLA_PLANNER_WRITE_DOCS=1 scripts/test --filter HelpScreenTests`.
@Suite("Help screens")
struct HelpScreenTests {
  private static let screens: [(name: String, text: String)] = [
    ("sla-planner", SLAPlanner.helpMessage(columns: 80)),
    ("run", SLAPlanner.helpMessage(for: RunCommand.self, columns: 80)),
    ("status", SLAPlanner.helpMessage(for: StatusCommand.self, columns: 80)),
    ("history", SLAPlanner.helpMessage(for: HistoryCommand.self, columns: 80)),
    ("explain", SLAPlanner.helpMessage(for: ExplainCommand.self, columns: 80)),
    ("pause", SLAPlanner.helpMessage(for: PauseCommand.self, columns: 80)),
    ("resume", SLAPlanner.helpMessage(for: ResumeCommand.self, columns: 80)),
    ("pin", SLAPlanner.helpMessage(for: PinCommand.self, columns: 80)),
    ("limit", SLAPlanner.helpMessage(for: LimitCommand.self, columns: 80)),
    ("report", SLAPlanner.helpMessage(for: ReportCommand.self, columns: 80)),
  ]

  @Test("they say what they said, in 80 columns", arguments: screens)
  func unchanged(name: String, text: String) throws {
    let file = Fixture.url("help/\(name).txt")
    let text = text + "\n"
    if ProcessInfo.processInfo.environment["SLA_PLANNER_WRITE_DOCS"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let written = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(
      written == text,
      "Write it anew: SLA_PLANNER_WRITE_DOCS=1 scripts/test --filter HelpScreenTests")
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      #expect(line.count <= 80 || words.count == 1, "\(line)")
    }
    #expect(text.contains("Examples:"), "\(name) has no example")
  }
}
