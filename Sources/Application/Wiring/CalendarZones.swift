import Glibc
import HTTPTransport
import Planning
import Settings

extension PlanningCalendar {
  /// The windows of the settings with the time zones that they name; nil for none.
  ///
  /// - Throws: ``CommandFailure`` for a time zone that this machine does not know.
  package init?(_ entries: [CalendarEntry]) throws {
    guard !entries.isEmpty else { return nil }
    self.init(
      try entries.map { entry in
        Window(
          name: entry.name, cron: entry.cron, seconds: entry.seconds,
          zone: try TimeZoneRules.named(entry.timeZone), zoneName: entry.timeZone,
          bounds: entry.bounds.mapValues { ($0.minimum, $0.maximum) },
          gpuBudget: entry.gpuBudget, reason: entry.reason)
      })
  }
}

extension TimeZoneRules {
  /// The time zone of a name, from the database of the system, or of `$TZDIR`.
  ///
  /// - Throws: ``CommandFailure`` when there is none.
  static func named(_ name: String) throws -> TimeZoneRules {
    if ["UTC", "Etc/UTC", "GMT", "Z"].contains(name) { return .utc }
    let folder = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    let path = "\(folder)/\(name)"
    guard !name.contains(".."), let bytes = try? SmallFile.read(path),
      let zone = TimeZoneRules(tzif: bytes)
    else {
      throw CommandFailure(
        .configuration,
        "The calendar's time zone '\(name)' is not known here: there is no time zone file '\(path)'. Check the name; in an image, add the tzdata package or set TZDIR."
      )
    }
    return zone
  }
}
