import Planning

/// What one engine says of itself, by the names of its metrics: a table of names, one file for each
/// engine.
///
/// Names of several releases stand side by side, the newest first; of what a server shows, the first
/// counts.
public struct EngineMetrics: Sendable, Equatable {
  /// Names of one metric, the newest release's first.
  typealias Names = [String]

  /// What the number of arrivals is made of: no engine counts them.
  enum ArrivalRule: Sendable, Equatable {
    /// First tokens plus the change of what waits for one. Nothing that comes in is missing, also not
    /// what a client breaks off.
    case firstTokensAndWaiting
    /// Requests finished plus the change of what is in flight: everything is written at the end.
    case finishedAndInFlight
  }

  /// A mean as one counter over another.
  struct Mean: Sendable, Equatable {
    var sum: Names
    var count: Names

    init(sum: Names, count: Names) {
      self.sum = sum
      self.count = count
    }

    /// Of a histogram.
    init(histogram names: Names) {
      sum = names.map { $0 + "_sum" }
      count = names.map { $0 + "_count" }
    }
  }

  /// How messages call the engine.
  var title: String
  var arrivals: ArrivalRule
  /// Where prefill and decode are apart: the servers that requests are counted at, once each.
  var entrance: Component = .prefill
  /// Histogram of the time to first token, seconds.
  var firstToken: Names
  /// Histogram of the time between two tokens, seconds; where there is none, that of the mean of a
  /// request.
  var interToken: Names
  /// Histogram of a request's duration, seconds.
  var requestDuration: Names
  /// Mean prompt length of a request.
  var promptLength: Mean
  /// Mean output length of a request.
  var outputLength: Mean
  /// Histograms of the lengths; empty where there are none.
  var promptLengths: Names = []
  var outputLengths: Names = []
  /// Counter of finished requests.
  var finished: Names
  /// Which of those that failed: not counted where there is a label for it.
  var failed: String?
  /// Gauge of requests that are being served.
  var running: Names
  /// Gauges of requests that wait, which add up.
  var waiting: [Names]
  /// Gauge of the part of the KV cache that is in use, 0…1.
  var kvUsage: Names
  /// Where the size of the KV cache stands, in blocks or tokens.
  var kvSize: KVSize
  /// Counters of prompt tokens that were looked up in the prefix cache, and found; empty for none.
  var prefixQueries: Names = []
  var prefixHits: Names = []
  /// Counter of requests that had to give their KV cache up.
  var preemptions: Names = []
  /// Counters of draft tokens, and of those that were accepted.
  var draftTokens: Names = []
  var acceptedDraftTokens: Names = []
  /// Matchers that keep one series of what several ranks or priorities count.
  var matchers: [String] = []

  /// Where the size of the KV cache is told.
  enum KVSize: Sendable, Equatable {
    /// As the text of a label.
    case label(of: String, String)
    /// As a gauge.
    case gauge(Names)
  }

  /// The counter whose samples tell whether an interval is covered.
  var witness: Names {
    arrivals == .firstTokensAndWaiting ? firstToken.map { $0 + "_count" } : finished
  }

  /// Every counter that an interval is read from.
  var counters: [Names] {
    [
      witness, firstToken.map { $0 + "_sum" }, firstToken.map { $0 + "_count" },
      interToken.map { $0 + "_sum" }, interToken.map { $0 + "_count" },
      requestDuration.map { $0 + "_sum" }, requestDuration.map { $0 + "_count" },
      promptLength.sum, promptLength.count, outputLength.sum, outputLength.count, finished,
      prefixQueries, prefixHits, preemptions, draftTokens, acceptedDraftTokens,
    ].filter { !$0.isEmpty }
  }

  /// Every gauge that an interval is read from.
  var gauges: [Names] { [running] + waiting }
}
