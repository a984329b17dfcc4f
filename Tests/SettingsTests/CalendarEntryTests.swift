import Planning
import Testing

@testable import Settings

@Suite("The calendar in the configuration")
struct CalendarEntryTests {
  private func calendar(_ yaml: String) throws -> [CalendarEntry] {
    let file = try ConfigurationFile.parse(yaml, name: "planner.yaml")
    return try RunSettings.resolve(
      flags: ["environment": "virtual"], environment: [:], file: file
    ).settings.calendar
  }

  @Test("a list of tables in the file is what a flag says on one line")
  func file() throws {
    let entries = try calendar(
      """
      calendar:
        - name: office
          cron: "0 8 * * 1-5"
          for: 10h
          time-zone: Europe/Berlin
          decode: 4..12
          max-gpu-budget: 24
        - {name: night, cron: "0 22 * * *", for: 8h, prefill: ..2, reason: nobody works}
      """)
    #expect(entries.map(\.name) == ["office", "night"])
    #expect(entries[0].bounds == [.decode: try #require(CountBounds("4..12"))])
    #expect(entries[0].gpuBudget == 24 && entries[0].seconds == 36_000)
    #expect(entries[1].timeZone == "UTC" && entries[1].reason == "nobody works")
    let flags = [
      "environment": "virtual",
      "calendar":
        "name=office;cron=0 8 * * 1-5;for=10h;time-zone=Europe/Berlin;decode=4..12;max-gpu-budget=24",
    ]
    let byFlag = try RunSettings.resolve(flags: flags, environment: [:]).settings
    #expect(byFlag.calendar == [entries[0]])
    let replayed = try RunSettings.resolve(
      flags: [:], recorded: byFlag.recordedLayer, environment: [:])
    #expect(replayed.settings.calendar == byFlag.calendar)
  }

  @Test(
    "what is wrong with a window is said",
    arguments: [
      ("name=a", "cron expression of five fields"),
      ("cron=0 8 * * *;for=1h;decode=1", "needs a name"),
      ("name=a;cron=0 8 * * *;decode=1", "needs a length"),
      ("name=a;cron=0 8 * * *;for=30d;decode=1", "needs a length"),
      ("name=a;cron=0 8 * * *;for=1h", "bounds nothing"),
      ("name=a;cron=0 8 * * *;for=1h;decode=9..2", "write 2..8"),
      ("name=a;cron=0 8 * * *;for=1h;decode=1;colour=red", "no field 'colour'"),
      ("name=a;cron=0 8 * * *;for=1h;decode=1;time-zone=../etc/passwd", "no IANA name"),
      ("name=a;cron=0 8 * * *;for=1h;max-gpu-budget=none", "no number of GPUs"),
      ("office", "NAME=VALUE"),
    ])
  func refused(line: String, words: String) {
    #expect {
      try RunSettings.resolve(
        flags: ["environment": "virtual", "calendar": line], environment: [:])
    } throws: {
      "\($0)".contains(words)
    }
  }
}
