import Presentation

/// Windows of time in which counts or the budget are bounded, again and again.
public struct PlanningCalendar: Sendable, Equatable {
  /// One window: when it begins, how long it lasts, what it bounds.
  public struct Window: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// When it begins, in local time.
    public var cron: CronExpression
    /// How long it lasts, seconds.
    public var seconds: Double
    /// The time zone of `cron`.
    public var zone: TimeZoneRules
    /// The zone's name.
    public var zoneName: String
    /// The fewest and the most replicas of a component; nil for no bound.
    public var bounds: [Component: (minimum: Int?, maximum: Int?)]
    /// GPUs that count instead of the settings' budget; nil where those count.
    public var gpuBudget: Int?
    /// Why; nil when nobody said.
    public var reason: String?

    /// Creates a window.
    public init(
      name: String, cron: CronExpression, seconds: Double, zone: TimeZoneRules, zoneName: String,
      bounds: [Component: (minimum: Int?, maximum: Int?)] = [:], gpuBudget: Int? = nil,
      reason: String? = nil
    ) {
      self.name = name
      self.cron = cron
      self.seconds = seconds
      self.zone = zone
      self.zoneName = zoneName
      self.bounds = bounds
      self.gpuBudget = gpuBudget
      self.reason = reason
    }

    /// Whether two windows say the same.
    public static func == (left: Window, right: Window) -> Bool {
      left.name == right.name && left.cron == right.cron && left.seconds == right.seconds
        && left.zone == right.zone && left.gpuBudget == right.gpuBudget
        && left.controls(from: 0) == right.controls(from: 0)
    }
  }

  /// The windows, in the order they were given.
  public var windows: [Window]

  /// Creates a calendar.
  public init(_ windows: [Window]) { self.windows = windows }

  /// What counts at `time`, and what begins within `ahead` seconds: of each window the last that has
  /// begun and the next.
  public func controls(at time: Double, ahead: Double) -> [Control] {
    windows.flatMap { window in
      let starts = window.starts(from: time - window.seconds, through: time + max(0, ahead))
        .map(\.unixSeconds)
      let current = starts.last { $0 <= time && time < $0 + window.seconds }
      let next = starts.first { $0 > time }
      return [current, next].compactMap { $0 }.flatMap { window.controls(from: $0) }
    }
  }
}

extension PlanningCalendar.Window {
  /// When it begins between two moments, both included, in order.
  public func starts(from first: Double, through last: Double) -> [TimeZoneRules.LocalMoment] {
    guard first <= last, let firstDay = CivilDay(unixSeconds: first - 86_400)?.daysSinceEpoch,
      let lastDay = CivilDay(unixSeconds: last + 86_400)?.daysSinceEpoch
    else { return [] }
    let times = cron.hours.sorted().flatMap { hour in
      cron.minutes.sorted().map { Double(hour * 3600 + $0 * 60) }
    }
    return (firstDay...lastDay).flatMap { number -> [TimeZoneRules.LocalMoment] in
      let day = CivilDay(daysSinceEpoch: number)
      guard cron.matches(day) else { return [] }
      return times.map { zone.moment(day.unixSeconds + $0) }
    }
    .filter { $0.unixSeconds >= first && $0.unixSeconds <= last }
    .sorted { $0.unixSeconds < $1.unixSeconds }
  }

  /// What it says when it begins at `start`.
  func controls(from start: Double) -> [Control] {
    var controls = bounds.sorted { $0.key < $1.key }.map { component, bounds in
      Control(
        .calendar, component, minimum: bounds.minimum, maximum: bounds.maximum, owner: name,
        reason: reason, since: start, until: start + seconds)
    }
    if let gpuBudget {
      controls.append(
        Control(
          .calendar, gpuBudget: gpuBudget, owner: name, reason: reason, since: start,
          until: start + seconds))
    }
    return controls
  }
}
