/// One target of the scraping, as the samples of its counters show it: all its series are read from
/// one page, so they share their times.
struct SampledFrontend {
  /// The labels that tell it from others (`instance`, `pod`, …); empty where a recording rule or a
  /// proxy took them away.
  let labels: [String: String]
  private(set) var series: [SampleAnswer.Series]
  /// When it was sampled, Unix seconds, ascending.
  private(set) var times: [Double]

  /// Labels that the frontend, router or engine itself puts on its metrics.
  private static let ownLabels: Set<String> = [
    "__name__", "model", "endpoint", "request_type", "status", "error_type", "dynamo_namespace",
    "dynamo_component", "dynamo_endpoint", "phase", "worker_type", "worker_id", "router_id",
    "dp_rank", "model_name", "engine", "engine_type", "finished_reason", "is_streaming", "priority",
    "tp_rank", "pp_rank", "moe_ep_rank", "cache_source", "le", "part", "metric",
  ]

  /// The labels that tell the target of a series from others.
  static func targetLabels(_ labels: [String: String]) -> [String: String] {
    labels.filter { !ownLabels.contains($0.key) }
  }

  /// Sorts series by their target.
  static func all(_ series: [SampleAnswer.Series]) -> [SampledFrontend] {
    let targets = Dictionary(grouping: series) { targetLabels($0.labels) }
    return targets.map(SampledFrontend.init).sorted { $0.name < $1.name }
  }

  private init(labels: [String: String], series: [SampleAnswer.Series]) {
    self.labels = labels
    self.series = series
    times = Set(series.flatMap { $0.samples.map(\.time) }).sorted()
  }

  /// How messages call it; empty where no label names it.
  var name: String {
    for label in ["pod", "instance"] {
      if let value = labels[label] { return "\(label) \(Excerpt.of(value.utf8))" }
    }
    return labels.sorted { $0.key < $1.key }.first.map { "\($0) \(Excerpt.of($1.utf8))" } ?? ""
  }

  /// Seconds between two scrapes: the median of the distances seen; nil with fewer than two samples.
  var scrapeSeconds: Double? {
    let distances = zip(times.dropFirst(), times).map { $0 - $1 }.sorted()
    return distances.isEmpty ? nil : distances[distances.count / 2]
  }

  /// How a counter went on from one sample to another.
  enum Growth {
    /// It stood still: nothing was missed in between.
    case none
    /// It began again: the frontend restarted, and served nothing for a while.
    case restarted
    case grew
  }

  /// What became of the counters between two sample times.
  func growth(from start: Double, to end: Double) -> Growth {
    var growth = Growth.none
    for samples in series.lazy.map(\.samples) {
      guard let after = samples.last(where: { $0.time <= end }) else { continue }
      // A series that is new at the end grew from 0: counters of rare outcomes begin late.
      let before = samples.last { $0.time <= start }?.value ?? 0
      if after.value < before { return .restarted }
      if !(after.value <= before) { growth = .grew }
    }
    return growth
  }
}
