import HTTPTransport
import Invocation
import Planning

/// Reads the traffic in short steps, from the raw samples of the frontends' counters and gauges.
///
/// One instant query brings all samples since the newest step that is known; a second one is needed
/// only where they leave open whether a frontend is new or gone.
struct StepReader: Sendable {
  let api: PrometheusAPI
  let queries: TrafficQueries
  let window: StepWindow

  /// How far before the first step samples are asked for, in seconds: two of them tell where a
  /// frontend's counters were when the step began.
  private static let reachSeconds = 120

  /// The steps that are complete.
  ///
  /// - Throws: only what the user has to mend, and cancellation.
  func read() async throws -> StepReport {
    let end = Int(window.until.rounded(.up))
    let length = end - window.after + Self.reachSeconds
    // The router counts legs and knows nothing of what is in flight: its intervals are all there is.
    guard queries.settings.source == .frontend, window.after < end else { return StepReport() }
    let selector = StepMeasure.selector(queries) + "[\(length)s]"
    switch try await ifRecorded({ try await api.samples(selector, at: end) }) {
    case nil: return StepReport()
    case .failure(let failure)?:
      return StepReport(warnings: [
        "The traffic since the last interval could not be read: \(failure.sentence)"
      ])
    case .success(let samples)?:
      guard var assembly = StepAssembly(window: window, queries: queries, samples: samples) else {
        return StepReport()
      }
      assembly.add(
        try await FactsReader(api: api, selector: queries.samplesSelector).facts(
          assembly.questions, from: end - length, to: end))
      let steps = assembly.steps()
      return StepReport(steps: steps.isEmpty ? [] : try await told(hitRate(at: end), steps))
    }
  }

  /// Seconds over which the hit rate is looked at: requests are few in a step.
  private static let hitRateSeconds = 60

  /// Share of the prompt tokens that caches hold: as the router predicts it for each request, else as
  /// the engines count it; nil where nobody tells. What can't be read is no failure of the traffic.
  private func hitRate(at end: Int) async throws -> Double? {
    let seconds = Self.hitRateSeconds
    let pattern = DynamoNamespace(name: queries.settings.dynamoNamespace).pattern
    let namespace = pattern.map { "{dynamo_namespace=~\"\($0)\"}" } ?? ""
    func increase(_ name: String) -> String { "sum(increase(\(name)[\(seconds)s]))" }
    let router = "dynamo_component_router_kv_hit_rate"
    let query =
      increase("\(router)_sum\(namespace)") + " / " + increase("\(router)_count\(namespace)")
      + " or " + increase("vllm:prefix_cache_hits_total") + " / "
      + increase("vllm:prefix_cache_queries_total") + " or avg(sglang:cache_hit_rate)"
    guard
      case .success(let answer)? = try await ifRecorded({ try await api.vector(query, at: end) })
    else { return nil }
    return answer.first.flatMap { Double($0.text) }
  }

  private func told(_ rate: Double?, _ steps: [TrafficStep]) -> [TrafficStep] {
    guard let rate, (0...1).contains(rate) else { return steps }
    return steps.map { step in
      var step = step
      step.observation.cacheHitRate = rate
      return step
    }
  }
}
