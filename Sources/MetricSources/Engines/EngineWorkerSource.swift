import HTTPTransport
import Invocation
import Planning

/// Reads the load of each server from one instant query: no router is needed.
///
/// What waits for its prefill is counted in tokens, by the mean prompt of the last minute; what is in
/// decode in blocks (or tokens) of the KV cache. Latencies are those of the last minute.
public struct EngineWorkerSource: WorkerSource {
  private let engine: EngineMetrics
  private let scope: EngineScope
  private let mode: DeploymentMode
  private let api: PrometheusAPI
  private let now: @Sendable () -> Double

  /// Creates a source.
  ///
  /// - Parameters:
  ///   - settings: where Prometheus is.
  ///   - now: Unix seconds.
  /// - Throws: ``MetricSourceError`` for an address that can't be asked.
  public init(
    client: any HTTPClient, engine: EngineMetrics, scope: EngineScope, mode: DeploymentMode,
    settings: PrometheusSettings, limits: HTTPLimits = HTTPLimits(),
    now: @escaping @Sendable () -> Double
  ) throws(MetricSourceError) {
    self.engine = engine
    self.scope = scope
    self.mode = mode
    self.now = now
    api = try PrometheusAPI(
      client: client, endpoint: settings.endpoint, access: settings.access, limits: limits,
      queryParameters: settings.queryParameters)
  }

  /// Takes one sample: Prometheus has no newer ones within the seconds that several are spread over.
  ///
  /// - Throws: an unusable URL, an unreadable file (``HTTPError``), a cancelled invocation.
  public func sampleWorkers(
    url: String, modelName: String?, count: Int, spacingSeconds: Double
  ) async throws -> WorkerReport {
    let time = now()
    let query = EngineLoadQuery(engine: engine, scope: scope, modelName: modelName)
    switch try await api.vector(query.text, at: Int(time.rounded(.up))) {
    case .failure(let failure): return WorkerReport(samples: [], failure: failure.sentence)
    case .success(let series):
      let (workers, warnings) = query.workers(series, scope: scope, mode: mode)
      guard !workers.isEmpty else {
        return WorkerReport(
          samples: [],
          failure: "Prometheus has no load of any \(engine.title) server of the targets "
            + "(\(engine.running.joined(separator: ", "))): check that it scrapes them.",
          warnings: warnings)
      }
      return WorkerReport(
        samples: [WorkerSample(time: time, workers: workers)], warnings: warnings)
    }
  }
}

/// The instant query behind the servers' load, and what its answer means.
struct EngineLoadQuery {
  let engine: EngineMetrics
  let scope: EngineScope
  let modelName: String?

  /// Seconds that means are taken over.
  private static let window = 60
  private static let partLabel = "part"

  private enum Part: String, CaseIterable {
    case firstTokens = "first-tokens"
    case firstTokenSeconds = "first-token-seconds"
    case interTokens = "inter-tokens"
    case interTokenSeconds = "inter-token-seconds"
    case promptTokens = "prompt-tokens"
    case prompts
  }

  private func names(_ part: Part) -> EngineMetrics.Names {
    switch part {
    case .firstTokens: engine.firstToken.map { $0 + "_count" }
    case .firstTokenSeconds: engine.firstToken.map { $0 + "_sum" }
    case .interTokens: engine.interToken.map { $0 + "_count" }
    case .interTokenSeconds: engine.interToken.map { $0 + "_sum" }
    case .promptTokens: engine.promptLength.sum
    case .prompts: engine.promptLength.count
    }
  }

  private var sizeNames: EngineMetrics.Names {
    switch engine.kvSize {
    case .label(let name, _): [name]
    case .gauge(let names): names
    }
  }

  /// The query.
  var text: String {
    let gauges = engine.gauges.flatMap { $0 } + engine.kvUsage + sizeNames
    // The size's series may lack the model.
    let sizes = scope.selector(sizeNames, of: engine, modelName: nil)
    let shown = scope.selector(
      Array(Set(gauges).subtracting(sizeNames)).sorted(), of: engine, modelName: modelName)
    let growths = Part.allCases.flatMap { part in
      names(part).map { name in
        let selector = scope.selector([name], of: engine, modelName: modelName)
        let growth = "increase(\(selector)[\(Self.window)s])"
        return
          "label_replace(label_replace(\(growth), \"\(Self.partLabel)\", \"\(part.rawValue)\", \"\", \"\"), \"metric\", \"\(name)\", \"\", \"\")"
      }
    }
    return ([shown, sizes] + growths).joined(separator: " or ")
  }

  typealias Answer = [(labels: [String: String], text: String)]

  /// The servers with their load, sorted by component and name.
  func workers(
    _ series: Answer, scope: EngineScope, mode: DeploymentMode
  ) -> ([WorkerGauges], [String]) {
    var warnings: [String] = []
    var workers: [WorkerGauges] = []
    var strangers = NamedCases()
    // What tells a size by its labels has more of them than the server has.
    let sizes = series.filter { sizeNames.contains($0.labels["__name__"] ?? "") }
    let servers = Dictionary(grouping: series) { SampledFrontend.targetLabels($0.labels) }
    for (target, series) in servers {
      let load = Load(
        self, series,
        sizes: sizes.filter { size in target.allSatisfy { size.labels[$0.key] == $0.value } })
      // A target that shows no requests at all serves nothing of ours.
      guard load.running != nil || load.waiting != nil else { continue }
      let name = target["pod"] ?? target["instance"] ?? "server"
      guard let component = scope.component(of: target, in: mode) else {
        strangers.add(name)
        continue
      }
      workers.append(load.gauges(name, component))
    }
    if strangers.count > 0 {
      warnings.append(
        "Servers that can't be told to be prefill or decode were left out, for want of a label pod "
          + "that fits a target: \(strangers.names).")
    }
    return (
      workers.sorted { ($0.component, $0.workerID) < ($1.component, $1.workerID) }, warnings
    )
  }

  /// What one server shows; its engines (data-parallel ranks) add up.
  private struct Load {
    var running: Double?
    var waiting: Double?
    var usedBlocks: Double?
    var means: [Part: Double] = [:]

    init(_ query: EngineLoadQuery, _ series: Answer, sizes: Answer) {
      func value(_ text: String) -> Double? {
        DecimalText.value(text).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
      }
      /// The sum over the series of the first name that is there.
      func sum(_ names: EngineMetrics.Names, _ label: String = "__name__") -> Double? {
        for name in names {
          let values = series.filter { $0.labels[label] == name }.compactMap { value($0.text) }
          if !values.isEmpty { return values.reduce(0, +) }
        }
        return nil
      }
      running = sum(query.engine.running)
      let queues = query.engine.waiting.compactMap { sum($0) }
      waiting = queues.isEmpty ? nil : queues.reduce(0, +)
      for part in Part.allCases {
        let ofPart = series.filter { $0.labels[partLabel] == part.rawValue }
        for name in query.names(part) {
          let values = ofPart.filter { $0.labels["metric"] == name }.compactMap { value($0.text) }
          guard !values.isEmpty else { continue }
          means[part] = values.reduce(0, +)
          break
        }
      }
      usedBlocks = Self.usedBlocks(query, series, sizes, value)
    }

    /// Each engine's share in use times its size.
    private static func usedBlocks(
      _ query: EngineLoadQuery, _ series: Answer, _ sizeSeries: Answer,
      _ value: (String) -> Double?
    ) -> Double? {
      var sizes: [String: Double] = [:]
      for entry in sizeSeries {
        let size =
          if case .label(_, let label) = query.engine.kvSize {
            entry.labels[label].flatMap(value)
          } else {
            value(entry.text)
          }
        sizes[entry.labels["engine"] ?? ""] = size
      }
      var used: Double?
      for name in query.engine.kvUsage {
        let shares = series.filter { $0.labels["__name__"] == name }
        guard !shares.isEmpty else { continue }
        for entry in shares {
          guard let share = value(entry.text), share <= 1,
            let size = sizes[entry.labels["engine"] ?? ""] ?? sizes[""]
          else { continue }
          used = (used ?? 0) + share * size
        }
        break
      }
      return used
    }

    private func mean(_ sum: Part, _ count: Part) -> Double? {
      guard let sum = means[sum], let count = means[count], count >= 0.5, sum > 0 else {
        return nil
      }
      return sum / count
    }

    func gauges(_ name: String, _ component: Component) -> WorkerGauges {
      let prompt = mean(.promptTokens, .prompts)
      let waitingTokens = waiting.flatMap { waiting in
        waiting == 0 ? 0 : prompt.map { $0 * waiting }
      }
      return WorkerGauges(
        workerID: name, component: component, activePrefillTokens: waitingTokens,
        activeDecodeBlocks: usedBlocks,
        lastTTFTMilliseconds: mean(.firstTokenSeconds, .firstTokens).map { $0 * 1000 },
        lastISL: prompt,
        lastITLMilliseconds: mean(.interTokenSeconds, .interTokens).map { $0 * 1000 })
    }
  }
}
