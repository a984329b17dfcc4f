/// What work will come, learned from short steps of what came: the model of demand.
///
/// Work is tokens a second of a component, rate and lengths together, so that long prompts which
/// come with few requests are not taken for long prompts with many. For the time when a worker that
/// is ordered now is ready, the model says what is expected and what covers the asked share of the
/// requests (``ComponentDemand``). It knows nothing of replicas and engines.
///
/// Each of two components may miss 0.3 of what both together may: the rest is for what waits on after
/// an overload and for engines. (Moving that part by the misses of both cost 1 % more GPU-hours at the
/// same attainment over 20 made-up runs.)
public struct DemandModel: Codable, Sendable, Equatable {
  private static let partOfRisk = 0.3
  /// Seconds that a plan holds beyond the lead: stabilisation is start-up + 60 s.
  static let holdBeyondLead = 60

  private var components: [Component: ComponentDemand] = [:]
  private var lengths = RecentLengths()
  /// End of the newest step, Unix seconds; nil before the first.
  public private(set) var lastEnd: Int?

  /// Creates a model that has seen nothing.
  public init() {}

  /// Learns the traffic of a step, see ``observe(_:leadSeconds:share:predicted:)``.
  ///
  /// Its work is what arrived times the mean length of what was completed in the last half minute:
  /// the requests that a step completes are not those that arrive in it.
  @discardableResult
  mutating func observe(
    _ step: TrafficStep, leadSeconds: Int, share: Double, predicted: [Component: Double]
  ) -> Bool {
    let traffic = step.observation
    guard traffic.intervalEnd > lastEnd ?? .min, step.seconds > 0 else { return false }
    lengths.observe(traffic, seconds: Double(step.seconds))
    let requests = traffic.arrivals?.count ?? traffic.requestCount
    let rate = requests / Double(step.seconds)
    var work: [Component: Double] = [:]
    for component in Component.allCases {
      guard let length = lengths.mean(component) else {
        // Traffic of unknown length is no work of 0, no traffic is.
        if requests == 0 { work[component] = 0 }
        continue
      }
      work[component] = rate * length
    }
    return observe(
      WorkStep(
        end: traffic.intervalEnd, seconds: step.seconds, requests: requests, tokensPerSecond: work),
      leadSeconds: leadSeconds, share: share, predicted: predicted)
  }

  /// Mean length of the requests of the last half minute, in the component's tokens; nil when
  /// unknown.
  func meanLength(_ component: Component) -> Double? { lengths.mean(component) }

  /// Compares a step with what was planned for it, and plans for the time a lead from now.
  ///
  /// One that can't be right, or is not newer than the last, changes nothing. After a gap the levels
  /// are those of what came after it.
  ///
  /// - Parameters:
  ///   - leadSeconds: from the end of a step until a worker that is ordered then is ready; at least
  ///     one step counts.
  ///   - share: share of the requests that all components together shall keep within their targets,
  ///     above 0 and below 1.
  ///   - predicted: tokens a second that the chosen predictor forecasts for that time, where it
  ///     does.
  /// - Returns: whether the step was learned.
  @discardableResult
  public mutating func observe(
    _ step: WorkStep, leadSeconds: Int, share: Double, predicted: [Component: Double] = [:]
  ) -> Bool {
    guard step.isUsable, step.end > lastEnd ?? .min else { return false }
    let leadSteps = max(1, (leadSeconds + step.seconds - 1) / step.seconds)
    let horizon = ComponentDemand.Horizon(
      stepSeconds: step.seconds, leadSteps: leadSteps,
      holdSeconds: leadSeconds + Self.holdBeyondLead,
      share: 1 - Self.partOfRisk * (1 - share))
    let elapsed = lastEnd.map { Double(step.end) - Double($0) } ?? Double(step.seconds)
    for (component, work) in step.tokensPerSecond {
      let forecast = predicted[component].flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
      components[component, default: ComponentDemand()].observe(
        work, requests: step.requests, end: step.end, elapsed: elapsed, predicted: forecast,
        horizon: horizon)
    }
    lastEnd = step.end
    return true
  }

  /// What is planned for a component after the newest step; nil before its first.
  public func outlook(_ component: Component) -> DemandOutlook? {
    components[component]?.outlook
  }
}
