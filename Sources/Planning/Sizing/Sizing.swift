import EngineProfiles
import Forecasting

/// How forecast traffic becomes replicas: one rule, with what it has learned in ``SizingState``.
///
/// A rule is a type in a folder of its own and a line in ``SizingRule``. Nothing else asks which
/// rule it is: what others need to know of it are its ``traits``.
public protocol Sizing: Sendable {
  /// What the rest of the planner needs to know of the rule.
  static var traits: SizingTraits { get }

  /// Learns from the interval that just ended.
  func learn(_ moment: SizingMoment, into state: inout SizingState)

  /// Learns what came since the moment before, in short steps, and how far the deployment is.
  func learn(_ moment: DemandMoment, into state: inout SizingState)

  /// End of the newest step that was learned, Unix seconds; nil before any.
  func newestStepEnd(_ state: SizingState) -> Int?

  /// What the rule knows by now, as far as a decision rests on it.
  func knowledge(_ state: SizingState) -> SizingKnowledge

  /// Replicas of each component of the mode.
  ///
  /// - Parameters:
  ///   - newest: the interval that just ended.
  ///   - knowledge: what had been learned by then.
  /// - Throws: ``PlanningError/profileMissing(_:)`` when the profile lacks a part that is needed.
  func size(
    _ forecast: TrafficForecast, newest: TrafficObservation, knowledge: SizingKnowledge,
    profile: EngineProfile
  ) throws(PlanningError) -> [Component: ReplicaSizing]
}

extension Sizing {
  /// Learns nothing of steps.
  public func learn(_ moment: DemandMoment, into state: inout SizingState) {}

  /// None is.
  public func newestStepEnd(_ state: SizingState) -> Int? { nil }
}

/// What a sizing rule is like.
public struct SizingTraits: Sendable, Equatable {
  /// Whether demand is what arrives, not what was completed.
  public var countsArrivals = false
  /// Whether what a new planner finds counts as recommended, so that it shrinks nothing before it
  /// has seen the traffic for a while.
  public var keepsWhatItFinds = false
  /// Whether load-based scaling catches up with traffic by more than one step at a time.
  public var catchesUpByLoad = false
  /// Whether observed latencies correct the profiled ones also with load-based scaling on, which
  /// reacts to real latencies already.
  public var correctsBesideLoad = false
  /// The steps that the rule wants the traffic in, seconds; nil where intervals are enough.
  public var stepSeconds: Int?
  /// Scale-down stabilisation where the user names none, seconds.
  public var stabilizationSeconds = 0.0
  /// The smallest loss of replicas that is worth a change while counts are stabilised, as a share of
  /// them; nil for any.
  public var smallestScaleDownShare: Double?
}

/// The newest interval and what served it: what a sizing rule learns from.
public struct SizingMoment: Sendable {
  /// The interval that just ended.
  public var newest: TrafficObservation
  /// The plan that it was served by; nil when none is known.
  public var plan: ThroughputPlan?
  /// Replicas that are asked for and ready; a component of which that is unknown is missing.
  public var counts: [Component: DeploymentPosition.Counts]
  /// Seconds until a replica that is ordered is ready; 0 where nobody said.
  public var startUpSeconds: Int
  /// The engine's profile; nil when there is none.
  public var profile: EngineProfile?

  /// Creates a moment.
  public init(
    newest: TrafficObservation, plan: ThroughputPlan?,
    counts: [Component: DeploymentPosition.Counts], startUpSeconds: Int, profile: EngineProfile?
  ) {
    self.newest = newest
    self.plan = plan
    self.counts = counts
    self.startUpSeconds = startUpSeconds
    self.profile = profile
  }
}

/// What came since the moment before: what a sizing rule learns the demand from.
public struct DemandMoment: Sendable {
  /// Unix seconds.
  public var time: Double
  /// The new traffic, oldest first: in steps, and in intervals where there are no steps.
  public var steps: [TrafficStep]
  /// What the predictors say of the time when a replica ordered now is ready; nil where nothing.
  public var forecast: TrafficForecast?
  /// Replicas that are asked for and ready; a component of which that is unknown is missing.
  public var counts: [Component: DeploymentPosition.Counts]
  /// Seconds until a replica that is ordered is ready, as the user said; 0 where nobody did.
  public var startUpSeconds: Int
  /// The engine's profile; nil when there is none.
  public var profile: EngineProfile?

  /// Creates a moment.
  public init(
    time: Double, steps: [TrafficStep], forecast: TrafficForecast? = nil,
    counts: [Component: DeploymentPosition.Counts] = [:], startUpSeconds: Int,
    profile: EngineProfile? = nil
  ) {
    self.profile = profile
    self.time = time
    self.steps = steps
    self.forecast = forecast
    self.counts = counts
    self.startUpSeconds = startUpSeconds
  }
}

/// What a decision rests on of all that its sizing rule has learned.
public struct SizingKnowledge: Sendable, Equatable {
  /// How many times as slow as profiled engines are.
  public var slowdown: EngineSlowdown
  /// Variance over mean of the arrivals in short times, a moving average; nil when unknown.
  public var indexOfDispersion: Double?
  /// How much more than the forecast is planned for; nil under a rule that plans for the forecast.
  public var headroom: [Component: DemandHeadroom]?
  /// Seconds from the order of a replica until it is ready, as it was learned; nil when unknown.
  public var startUpSeconds: Double?
  /// The engines as they were learned; nil where nothing is known of them.
  public var engine: LearnedEngine?
  /// Share of the prompt tokens that caches are counted on to hold; nil where nothing tells.
  public var cachedShare: Double?
  /// What contradicts the profile that was given, each a sentence.
  public var contradictions: [String] = []
  /// Replicas that were asked for and are not expected to become ready any more.
  public var abandoned: [Component: Int] = [:]

  /// Creates knowledge.
  public init(
    slowdown: EngineSlowdown = EngineSlowdown(), indexOfDispersion: Double? = nil,
    headroom: [Component: DemandHeadroom]? = nil, startUpSeconds: Double? = nil,
    engine: LearnedEngine? = nil, cachedShare: Double? = nil
  ) {
    self.engine = engine
    self.cachedShare = cachedShare
    self.startUpSeconds = startUpSeconds
    self.slowdown = slowdown
    self.indexOfDispersion = indexOfDispersion
    self.headroom = headroom
  }
}

/// What the sizing rules have learned, each its own part: a rule that is chosen again goes on from
/// where it was.
public struct SizingState: Sendable, Equatable {
  /// Of ``CapacitySizing``: observed over profiled latencies.
  public var byCapacity = EngineSlowdown()
  /// Of ``SLASizing``.
  public var bySLA = SLASizingState()

  /// Creates the state of rules that have learned nothing.
  public init() {}
}
