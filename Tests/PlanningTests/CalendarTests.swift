import Presentation
import TestSupport
import Testing

@testable import Planning

@Suite("The calendar")
struct CalendarTests {
  static func zone(_ name: String) throws -> TimeZoneRules {
    try #require(TimeZoneRules(tzif: [UInt8](Fixture.data("time-zones/\(name)"))))
  }

  static func time(_ text: String) throws -> Double { try #require(Instant.rfc3339(text)) }

  static func window(
    _ cron: String, hours: Double = 10, zone: TimeZoneRules = .utc, zoneName: String = "UTC",
    name: String = "office", decode: (Int?, Int?) = (4, 12), budget: Int? = nil
  ) throws -> PlanningCalendar.Window {
    PlanningCalendar.Window(
      name: name, cron: try #require(CronExpression(cron)), seconds: hours * 3600, zone: zone,
      zoneName: zoneName, bounds: [.decode: (decode.0, decode.1)], gpuBudget: budget)
  }

  // MARK: Cron

  @Test(
    "a cron expression is five fields of numbers, ranges, steps and names",
    arguments: [
      "* * * * *", "0 8 * * 1-5", "*/15 8-18/2 1,15 jan-mar mon,wed", "0 0 29 2 *", "5/20 0 * * 7",
    ])
  func understood(text: String) { #expect(CronExpression(text) != nil) }

  @Test(
    "anything else is none",
    arguments: [
      "", "0 8 * *", "60 8 * * *", "0 24 * * *", "0 8 0 * *", "0 8 * 13 *", "0 8 * * 8",
      "0 8 * * 5-1", "x 8 * * *", "0 8 * * */0", "0 8 , * *", "@daily",
    ])
  func refused(text: String) { #expect(CronExpression(text) == nil) }

  @Test("where both days are limited, one of them is enough")
  func eitherDay() throws {
    let cron = try #require(CronExpression("0 0 13 * 5"))
    #expect(cron.matches(CivilDay(year: 2026, month: 11, day: 13)))
    #expect(cron.matches(CivilDay(year: 2026, month: 11, day: 20)))
    #expect(cron.matches(CivilDay(year: 2026, month: 12, day: 13)))
    #expect(!cron.matches(CivilDay(year: 2026, month: 12, day: 14)))
  }

  // MARK: Time zones

  @Test("a zone knows summer and winter, also in years that its file does not list")
  func offsets() throws {
    let berlin = try Self.zone("Berlin")
    for (time, hours) in [
      ("1970-06-01T00:00:00Z", 1), ("2026-01-15T12:00:00Z", 1), ("2026-07-15T12:00:00Z", 2),
      ("2026-03-29T00:59:59Z", 1), ("2026-03-29T01:00:00Z", 2), ("2026-10-25T00:59:59Z", 2),
      ("2026-10-25T01:00:00Z", 1), ("2090-07-15T12:00:00Z", 2), ("2090-12-15T12:00:00Z", 1),
    ] {
      #expect(berlin.offset(at: try Self.time(time)) == hours * 3600, "\(time)")
    }
    // Half an hour of summer time, south of the equator.
    let island = try Self.zone("Lord_Howe")
    #expect(island.offset(at: try Self.time("2060-01-15T12:00:00Z")) == 39_600)
    #expect(island.offset(at: try Self.time("2060-07-15T12:00:00Z")) == 37_800)
  }

  @Test("a local time that is skipped becomes the end of the gap, one that comes twice the first")
  func gaps() throws {
    let berlin = try Self.zone("Berlin")
    let skipped = berlin.moment(try Self.time("2026-03-29T02:30:00Z"))
    #expect(skipped == .skipped(try Self.time("2026-03-29T01:00:00Z")))
    let twice = berlin.moment(try Self.time("2026-10-25T02:30:00Z"))
    #expect(twice == .twice(try Self.time("2026-10-25T00:30:00Z")))
    let once = berlin.moment(try Self.time("2026-10-25T08:00:00Z"))
    #expect(once == .once(try Self.time("2026-10-25T07:00:00Z")))
  }

  @Test("what is no zone file is none", arguments: ["", "TZif", "TZif1", "not a zone file at all"])
  func noZone(text: String) { #expect(TimeZoneRules(tzif: Array(text.utf8)) == nil) }

  @Test("a zone file that is cut off is none, or says the same as the whole as far as it goes")
  func cutOff() throws {
    let bytes = [UInt8](try Fixture.data("time-zones/Berlin"))
    for length in stride(from: 0, to: bytes.count, by: 37) {
      _ = TimeZoneRules(tzif: Array(bytes[..<length]))?.offset(at: 0)
    }
  }

  @Test(
    "rules as TZ writes them",
    arguments: [
      ("UTC0", 0, 0), ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400),
      ("<+0330>-3:30", 12_600, 12_600),
      ("AAA-1BBB,J60,J300/1", 3600, 7200), ("AAA3BBB,0/0,364/24", -7200, -7200),
    ])
  func posix(text: String, winter: Int, summer: Int) throws {
    let rule = try #require(PosixTimeZone(text))
    #expect(rule.offset(at: try Self.time("2026-01-15T12:00:00Z")) == winter)
    #expect(rule.offset(at: try Self.time("2026-07-15T12:00:00Z")) == summer)
  }

  @Test("what is no rule is none", arguments: ["", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "C-1"])
  func noRule(text: String) { #expect(PosixTimeZone(text) == nil) }

  // MARK: Windows

  @Test("a window counts from its beginning for its length, in its own zone, also across a change")
  func inForce() throws {
    let calendar = PlanningCalendar([
      try Self.window("0 8 * * 1-5", zone: Self.zone("Berlin"), zoneName: "Europe/Berlin")
    ])
    func count(_ time: String, ahead: Double = 0) throws -> Int {
      calendar.controls(at: try Self.time(time), ahead: ahead).count
    }
    // 08:00 in Berlin is 07:00Z in winter, 06:00Z in summer; 2026-11-30 is a Monday.
    #expect(try count("2026-11-30T06:59:59Z") == 0)
    #expect(try count("2026-11-30T07:00:00Z") == 1)
    #expect(try count("2026-11-30T16:59:59Z") == 1)
    #expect(try count("2026-11-30T17:00:00Z") == 0)
    #expect(try count("2026-07-06T06:00:00Z") == 1)
    #expect(try count("2026-11-29T12:00:00Z") == 0)
    #expect(try count("2026-11-30T06:50:00Z", ahead: 600) == 1)
    #expect(try count("2026-11-30T12:00:00Z", ahead: 86_400) == 2)
  }

  @Test("a window's budget counts instead of the settings', and holds the minimum in any case")
  func budget() throws {
    let now = try Self.time("2026-11-30T12:00:00Z")
    func budget(_ window: Int?) throws -> Int? {
      let settings = PlannerSettings(
        policy: Given.policy(.decode, load: true, minimum: 2, budget: 8), predictor: .init(),
        calendar: PlanningCalendar([try Self.window("0 8 * * *", budget: window)]))
      let moment = ForecastMoment(
        learned: LearnedMoment(
          observation: Observation(time: now, deployment: nil, traffic: nil, workers: nil),
          state: PlannerState()), forecast: nil)
      return DecisionInput(
        moment, deployment: DeploymentStatus(components: [:]), settings: settings
      ).policy.gpuBudget
    }
    #expect(try budget(nil) == 8)
    #expect(try budget(24) == 24)
    #expect(try budget(1) == 2)
  }

  // MARK: Checks

  private func findings(_ windows: [PlanningCalendar.Window]) throws -> [String] {
    CalendarCheck(PlanningCalendar(windows), now: try Self.time("2026-11-30T12:00:00Z")).findings
  }

  @Test("windows that overlap are named with when; those that only meet are not")
  func overlaps() throws {
    let office = try Self.window("0 8 * * 1-5")
    let launch = try Self.window("0 12 3 12 *", hours: 2, name: "launch")
    let found = try findings([office, launch])
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("'office' and 'launch' both bound decode from 2026-12-03T12:00:00Z"))
    let evening = try Self.window("0 18 * * *", name: "evening")
    #expect(try findings([office, evening]) == [])
  }

  @Test("beginnings that a change of the clocks skips or repeats are told, with what is done")
  func clockChanges() throws {
    let berlin = try Self.zone("Berlin")
    let found = try findings([
      try Self.window("30 2 * * *", hours: 1, zone: berlin, zoneName: "Europe/Berlin")
    ])
    #expect(found.count == 2, "\(found)")
    #expect(found[0].contains("skip; it then begins at 2027-03-28T03:00:00+02:00"))
    #expect(
      found[1].contains(
        "comes twice in Europe/Berlin; it begins at the first, 2027-10-31T02:30:00+02:00"))
  }

  @Test("a window that never begins is told")
  func never() throws {
    #expect(
      try findings([Self.window("0 0 31 2 *")]) == ["'office' does not begin once within a year."])
  }
}
