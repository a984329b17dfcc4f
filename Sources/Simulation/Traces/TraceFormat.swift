/// How the requests of a trace are written down.
public enum TraceFormat: Sendable, Equatable {
  /// One JSON object a line with `timestamp` (ms), `input_length` and `output_length`, as the
  /// Mooncake traces have them; other keys are ignored.
  case mooncake
  /// CSV with the columns TIMESTAMP, ContextTokens and GeneratedTokens, as the Azure LLM
  /// inference traces have them.
  case azure
  /// Any other CSV with a header.
  case csv(TraceColumns)
}

/// Which columns of a CSV hold what.
public struct TraceColumns: Sendable, Equatable {
  /// Column of the arrival.
  public var time: String
  /// Column of the input sequence length.
  public var isl: String
  /// Column of the output sequence length.
  public var osl: String
  /// What a number in the time column counts.
  public var unit: TraceTimeUnit

  /// Names the columns.
  public init(time: String, isl: String, osl: String, unit: TraceTimeUnit = .seconds) {
    self.time = time
    self.isl = isl
    self.osl = osl
    self.unit = unit
  }

  static let azure = TraceColumns(
    time: "TIMESTAMP", isl: "ContextTokens", osl: "GeneratedTokens")
}

/// What a number in a time column counts. A date (`2023-11-16 18:17:03.98`, also with `T` and a
/// zone) is recognised whatever the unit.
public enum TraceTimeUnit: String, Sendable, CaseIterable {
  /// Seconds.
  case seconds = "s"
  /// Milliseconds.
  case milliseconds = "ms"
  /// Microseconds.
  case microseconds = "us"
  /// Nanoseconds.
  case nanoseconds = "ns"

  /// Its name in a sentence.
  var title: String {
    switch self {
    case .seconds: "seconds"
    case .milliseconds: "milliseconds"
    case .microseconds: "microseconds"
    case .nanoseconds: "nanoseconds"
    }
  }

  var perSecond: Double {
    switch self {
    case .seconds: 1
    case .milliseconds: 1e3
    case .microseconds: 1e6
    case .nanoseconds: 1e9
    }
  }
}

/// What is done about lines that can't be used.
public struct TraceRules: Sendable, Equatable {
  /// Whether a line that can't be read is left out and counted; if not, it is an error.
  public var skipsBadLines: Bool
  /// Whether requests that are not in order of arrival are sorted; if not, such a line can't be
  /// used.
  public var sorts: Bool
  /// What a number counts that is a time; nil for what the format has.
  public var timeUnit: TraceTimeUnit?

  /// Creates rules; by default everything that is odd is an error.
  public init(
    skipsBadLines: Bool = false, sorts: Bool = false, timeUnit: TraceTimeUnit? = nil
  ) {
    self.skipsBadLines = skipsBadLines
    self.sorts = sorts
    self.timeUnit = timeUnit
  }
}
