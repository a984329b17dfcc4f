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
      return StepReport(steps: assembly.steps())
    }
  }
}
