import Planning
import Presentation
import Settings

extension Validation {
  /// The calendar: time zones, overlaps, changes of the clocks; nil without one.
  func calendarCheck() -> Check? {
    let name = "calendar"
    do {
      guard let calendar = try PlanningCalendar(settings.calendar) else { return nil }
      let now = clock.now()
      let next = calendar.windows.compactMap { window -> (name: String, start: Double)? in
        window.starts(from: now, through: now + 396 * 86_400).first
          .map { (window.name, $0.unixSeconds) }
      }.min { $0.start < $1.start }
      let ahead = next.map { "; next: \($0.name) in \(Durations.short(seconds: $0.start - now))" }
      return .of(
        name, "\(Numbers.count(calendar.windows.count, "window"))\(ahead ?? "").",
        oddities: CalendarCheck(calendar, now: now).findings)
    } catch {
      return Check(name, CommandFailure(error))
    }
  }
}
