import Presentation

/// What values an option takes.
public enum ValueKind: Sendable, Equatable {
  /// One line of text.
  case text
  /// A file that the textfile collector takes: its name ends in `.prom`.
  case metricsFile
  /// The name of a Kubernetes object: it becomes part of a URL.
  case kubernetesName
  /// `KIND/NAME` of a Kubernetes object.
  case workload
  /// True or false.
  case boolean
  /// One of some words; words that are known but can't be had come with the reason.
  case choice([String], unavailable: [String: String] = [:])
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// A number within bounds.
  case number(ClosedRange<Double>)
  /// A number above 0, up to a bound.
  case positive(through: Double)
  /// A number above 0 and below 1.
  case share
  /// A number of seconds above 0, up to a bound, with or without an `s` behind it.
  case duration(through: Double)
  /// The same, or `forever` for a time without end.
  case repetition(through: Double)
  /// An `http` or `https` URL without credentials, query or fragment.
  case address
  /// Several such URLs, separated by commas; one without a scheme means `http`.
  case addressList
  /// Several such URLs, separated by commas, each with its scheme.
  case addresses
  /// A point in time: RFC 3339, or Unix seconds.
  case instant
  /// `current`, or replicas of prefill and decode separated by a comma.
  case replicaCounts
  /// `NAME=VALUE`, any number of times: a flag is repeated, a file holds a list or a table, and the
  /// environment one a line.
  case pairs
  /// Windows of a calendar, any number of times (``CalendarEntry``): a file holds a list of tables.
  case windows

  /// One of the words that `Choice` has cases for.
  static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    of type: Choice.Type
  ) -> ValueKind {
    .choice(type.allCases.map(\.rawValue))
  }

  /// Whether an option of this kind can be given several times, each time adding to it. Its text is
  /// then one value a line.
  public var isRepeatable: Bool { self == .pairs || self == .windows }

  /// Whether its values can start with a dash.
  public var isNumeric: Bool {
    switch self {
    case .integer, .number, .positive, .share, .duration, .repetition, .instant, .replicaCounts:
      true
    case .text, .metricsFile, .kubernetesName, .workload, .boolean, .choice, .address, .addressList,
      .addresses, .pairs, .windows:
      false
    }
  }

  /// What a value has to be, as the rest of a sentence.
  var rule: String {
    switch self {
    case .text: "one line of text"
    case .metricsFile:
      "a file whose name ends in .prom (a node exporter's textfile collector reads no others)"
    case .kubernetesName: "the name of a Kubernetes object (lower-case letters, digits, '-', '.')"
    case .workload: "KIND/NAME, as in deployment/chat or leaderworkerset/chat-decode"
    case .boolean: "true or false"
    case .choice(let words, _):
      words.count == 1 ? words[0] : "one of " + words.joined(separator: ", ")
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(Numbers.exact(range.lowerBound)) to \(Numbers.exact(range.upperBound))"
    case .positive(let limit): "a number above 0 and at most \(Numbers.exact(limit))"
    case .share: "a number above 0 and below 1"
    case .duration(let limit):
      "a number of seconds above 0 and at most \(Numbers.exact(limit)), like 55 or 55s"
    case .repetition(let limit): ValueKind.duration(through: limit).rule + ", or forever"
    case .address: "an http:// or https:// URL without credentials and without a query"
    case .addressList, .addresses:
      "a comma-separated list of http:// or https:// URLs without credentials and without a query"
    case .instant: "a time like 2026-11-23T20:30:00Z, or Unix seconds"
    case .replicaCounts: "'current' or two whole numbers like 2,4 (prefill,decode)"
    case .pairs: "NAME=VALUE, one a line"
    case .windows: "windows like name=office;cron=0 8 * * 1-5;for=10h;decode=4..12, one a line"
    }
  }

  /// Why `text` was refused and what to do, as the rest of a sentence.
  func complaint(about text: String) -> String {
    if case .choice(_, let unavailable) = self, let reason = unavailable[text.lowercased()] {
      return "but \(text.lowercased()) \(reason); choose \(rule)"
    }
    if self == .windows {
      for line in text.split(separator: "\n") {
        do throws(CalendarEntry.Problem) {
          _ = try CalendarEntry(String(line))
        } catch {
          return "but \(error.reason)"
        }
      }
    }
    return "but has to be \(rule)"
  }
}
