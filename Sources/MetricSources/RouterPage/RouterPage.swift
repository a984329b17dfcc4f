/// The worker gauges on a router's metrics page, one entry per series.
///
/// ```swift
/// let page = try RouterPage.parse(bytes)
/// let found = page.workers(modelName: "llama", dynamoNamespace: "dynamo")
/// ```
public struct RouterPage: Sendable, Equatable {
  /// The gauges of one worker's data-parallel rank, as they stand on the page.
  public struct Series: Sendable, Equatable {
    /// Label `worker_id`; empty when it is missing.
    public var workerID: String
    /// Label `dp_rank`; empty when it is missing.
    public var rank: String
    /// Label `worker_type`; empty when it is missing.
    public var workerType: String
    /// Label `model`; nil when it is missing or empty.
    public var model: String?
    /// Label `dynamo_namespace`; nil when it is missing or empty.
    public var dynamoNamespace: String?
    /// Number of the first line that shows this series, from 1.
    public var firstLine: Int
    /// Tokens of prompts waiting for or in prefill. All gauges may be negative or not finite:
    /// they are the page's words, not yet judged.
    public var activePrefillTokens: Double?
    /// KV cache blocks held by sequences in decode.
    public var activeDecodeBlocks: Double?
    /// Time to first token of the last request, in seconds.
    public var lastTTFTSeconds: Double?
    /// Input sequence length of the last request, in tokens.
    public var lastISL: Double?
    /// Last inter-token latency, in seconds.
    public var lastITLSeconds: Double?

    /// Whether the router still counts the load of this rank: `last_*` gauges of removed workers
    /// can stay for ever, `active_*` ones go with the worker.
    public var isLive: Bool { activePrefillTokens != nil || activeDecodeBlocks != nil }
  }

  /// Every series that has one of the five gauges, in the order of the page. A sample that stands
  /// there twice counts as its last value, and with two values in ``contradictions``.
  public var series: [Series]
  /// What else the page says of workers and models.
  public var facts = PageFacts()
  /// Samples that stand there with different values.
  public var contradictions: [String] = []
  /// The oldest time stamp of a gauge, Unix seconds; nil where none has one.
  public var oldestStamp: Double?
  /// Samples on the page, those of other metrics included.
  public var sampleCount: Int
  /// Lines that could not be read.
  public var malformedLines: MalformedLines
  /// On a page without any of the gauges, metrics whose names end like theirs: a collector or
  /// `DYN_METRICS_PREFIX` renamed them.
  public var namesWithOtherPrefix: [String] = []

  /// Reads a page in the text exposition format.
  ///
  /// Malformed lines are counted and left out. One pass over the bytes; text is made only of the
  /// label values of distinct workers.
  ///
  /// - Throws: `notMetrics` when there is something on the page, but not one readable sample
  ///   (an error page, JSON, a binary format), or when it starts as HTML or XML does.
  public static func parse(_ bytes: [UInt8]) throws(MetricSourceError) -> RouterPage {
    try bytes.withUnsafeBufferPointer { buffer throws(MetricSourceError) in
      guard let page = buffer.baseAddress else {
        return RouterPage(series: [], sampleCount: 0, malformedLines: MalformedLines())
      }
      let start = startOfText(buffer)
      if start < buffer.count, buffer[start] == Ascii.less {
        throw .notMetrics(reason: "it is HTML or XML, \(Excerpt.of(buffer[start...]))")
      }
      var builder = RouterPageBuilder(page: page, count: buffer.count)
      var result = builder.read(from: start)
      if result.series.isEmpty { result.namesWithOtherPrefix = Self.names(likeGauges: buffer) }
      if result.sampleCount == 0, result.malformedLines.count > 0 {
        let form = [Ascii.openBrace, UInt8(ascii: "[")].contains(buffer[start]) ? "JSON, " : ""
        throw .notMetrics(reason: "it is \(form)\(Excerpt.of(buffer[start...]))")
      }
      return result
    }
  }

  private static func names(likeGauges page: UnsafeBufferPointer<UInt8>) -> [String] {
    let endings = RouterGauge.allCases.map { "worker_\($0.suffix)" }
    var names: Set<String> = []
    for line in page.split(separator: Ascii.newline) where line.first != Ascii.hash {
      let name = String(decoding: line.prefix { Ascii.continuesName($0) }, as: UTF8.self)
      if endings.contains(where: name.hasSuffix) { names.insert(name) }
    }
    return names.sorted()
  }

  /// Offset of the first byte behind a byte order mark and blank bytes of the first line.
  private static func startOfText(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while start < bytes.count, Ascii.isBlank(bytes[start]) { start += 1 }
    return start
  }
}
