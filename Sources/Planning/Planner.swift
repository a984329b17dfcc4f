import EngineProfiles
import Forecasting

/// The pure middle of the program: from what one moment showed to one decision.
///
///     what is missing ─▶ learn ─▶ forecast ─▶ size ─▶ limit ─▶ decision
///
/// An invocation calls the verbs one after another and saves in between, the simulator calls
/// ``step(_:of:history:state:)``, the audit ``decide(_:profile:)``: there is no second copy of it. Values
/// in, values out: no clock, no I/O, no environment.
public struct Planner: Sendable {
  let settings: PlannerSettings
  let profile: EngineProfile?

  /// Creates a planner.
  ///
  /// - Parameter profile: the engine's profile; needed when throughput-based scaling is on.
  public init(settings: PlannerSettings, profile: EngineProfile?) {
    self.settings = settings
    self.profile = profile
  }

  // MARK: What is missing

  /// How many of the newest stored intervals are needed before `time` can be observed and learned:
  /// as many as may be caught up with for predictors that were made with other settings, else the
  /// newest two: the one that is decided on where there is no new interval to read, or where its
  /// samples are late, and the one before it, which tells whether a backlog moves.
  public func storedIntervalsNeeded(by state: PlannerState, at time: Double) -> Int {
    guard settings.policy.throughput != nil else { return 0 }
    if state.predictors?.settings != settings.predictor { return settings.catchUpIntervals }
    return 2
  }

  /// Predictors with the settings of today that have seen `history`, where those in `state` were
  /// made with other settings.
  public func rebuilt(_ state: PlannerState, on history: History) -> PlannerState {
    guard settings.policy.throughput != nil, state.predictors?.settings != settings.predictor
    else { return state }
    var state = state
    state.predictors =
      history.intervals.isEmpty ? nil : TrafficLearning(settings).predictors(history.intervals)
    return state
  }

  /// Whether new predictors could be warmed up on recorded traffic, if there is any.
  public func needsWarmUpTrace(_ state: PlannerState) -> Bool {
    settings.policy.throughput != nil && state.predictors?.lastIntervalEnd == nil
  }

  /// The intervals that nobody has observed yet, at most as many as may be caught up with; nil when
  /// there is none.
  public func missingWindow(_ state: PlannerState, at time: Double) -> TrafficWindow? {
    guard let throughput = settings.policy.throughput, let newest = newestIntervalEnd(at: time)
    else { return nil }
    let interval = throughput.intervalSeconds
    let oldest = newest - (settings.catchUpIntervals - 1) * interval
    let first = state.predictors?.lastIntervalEnd.map { max(oldest, $0 + interval) } ?? oldest
    guard first <= newest else { return nil }
    return TrafficWindow(
      firstIntervalEnd: first, lastIntervalEnd: newest, intervalSeconds: interval)
  }

  /// The short steps that nobody has observed yet, of the last hour at most; nil where the sizing
  /// rule wants none.
  public func missingSteps(_ state: PlannerState, at time: Double) -> StepWindow? {
    guard let throughput = settings.policy.throughput, let sizing = sizing(for: nil),
      let shortest = type(of: sizing).traits.stepSeconds, shortest < throughput.intervalSeconds
    else { return nil }
    // Steps begin where intervals do.
    let interval = Double(throughput.intervalSeconds)
    let oldest = Int(((time - Self.rememberedStepSeconds) / interval).rounded(.up) * interval)
    return StepWindow(
      after: max(oldest, sizing.newestStepEnd(state.sizing) ?? oldest), until: time,
      shortestSeconds: shortest, intervalSeconds: throughput.intervalSeconds)
  }

  /// How far back short steps are asked for: demand weighs its experts over two hours, and is caught
  /// up with in whole intervals before that.
  private static let rememberedStepSeconds = 3600.0

  /// End of the newest interval that has ended, Unix seconds: intervals end at multiples of their
  /// length, and count as ended once they have settled.
  func newestIntervalEnd(at time: Double) -> Int? {
    settings.policy.throughput.map { throughput in
      let settled = time - settings.settleSeconds
      return Int((settled / Double(throughput.intervalSeconds)).rounded(.down))
        * throughput.intervalSeconds
    }
  }

  // MARK: Learn, forecast, decide

  /// Learns all that a moment showed: predictors, engines, regressions.
  public func learn(
    _ observation: Observation, history: History, state: PlannerState
  ) -> LearnedMoment {
    var observation = Plausibility.believed(
      observation, after: history.intervals, profile: profile)
    var state = state
    if settings.policy.load != nil, let workers = observation.workers {
      observation.workers?.samples = state.load.live(workers.samples)
    }
    let newestEnd = newestIntervalEnd(at: observation.time)
    let traffic = TrafficLearning(settings)
    var moment = LearnedMoment(observation: observation, state: state)
    moment.newest = newestEnd.map { observation.newestReading(history, endingAt: $0) }
    moment.takeNewestGauges()
    moment.removeStaleBacklog(history)
    moment.warmUpIntervals = traffic.warmUp(
      &moment.state.predictors, before: observation.traffic, on: history.warmUpTrace)
    moment.newTraffic = traffic.learn(observation.traffic, &moment.state.predictors)
    learnDemand(moment.newTraffic, observation, &moment.state)
    if let newest = moment.newTraffic.last, newest.intervalEnd == newestEnd {
      learnSizing(from: newest, observation, &moment.state)
    }
    if let load = settings.policy.load, let samples = observation.workers?.samples,
      !samples.isEmpty
    {
      moment.state.load.learn(from: samples, mode: settings.policy.mode, policy: load)
    }
    return moment
  }

  /// Forecasts the traffic to plan for: that after now, also where the newest interval that is known
  /// is an older one.
  public func forecast(_ learned: LearnedMoment) -> ForecastMoment {
    ForecastMoment(
      learned: learned,
      forecast: learned.newest.flatMap { newest in
        let end = newestIntervalEnd(at: learned.observation.time) ?? newest.intervalEnd
        let past = (end - newest.intervalEnd) / max(1, settings.predictor.intervalSeconds)
        return learned.state.predictors?.forecast(skipping: past)
      })
  }

  /// Decides what a deployment should be.
  ///
  /// - Throws: ``PlanningError`` when settings and deployment contradict each other.
  public func decide(
    _ moment: ForecastMoment, for deployment: DeploymentStatus
  ) throws(PlanningError) -> DecidedMoment {
    let input = DecisionInput(
      moment, deployment: deployment, settings: settings, hasProfile: profile != nil)
    let (decision, state) = try Self.decide(input, profile: profile)
    var after = moment.learned.state
    after.decision = state
    return DecidedMoment(input: input, decision: decision, state: after)
  }

  /// Makes one decision; the same input and profile make the same decision at any time.
  ///
  /// - Parameter profile: the engine's profile; needed when throughput-based scaling is on.
  /// - Throws: ``PlanningError`` when settings and deployment contradict each other.
  public static func decide(
    _ input: DecisionInput, profile: EngineProfile?
  ) throws(PlanningError) -> (decision: Decision, state: DecisionState) {
    try DecisionRule(input, profile: profile).decide()
  }

  /// Learns, forecasts and decides at one moment.
  ///
  /// - Throws: ``PlanningError`` when settings and deployment contradict each other.
  public func step(
    _ observation: Observation, of deployment: DeploymentStatus, history: History,
    state: PlannerState
  ) throws(PlanningError) -> (learned: LearnedMoment, decided: DecidedMoment) {
    let learned = learn(observation, history: history, state: rebuilt(state, on: history))
    return (learned, try decide(forecast(learned), for: deployment))
  }

  // MARK: Sizing

  private func sizing(for deployment: DeploymentStatus?) -> (any Sizing)? {
    settings.policy.throughput?.sizing.rule(settings.policy(for: deployment))
  }

  /// Lets the sizing learn what came: in steps, and in intervals where there are no steps.
  private func learnDemand(
    _ intervals: [TrafficObservation], _ observation: Observation, _ state: inout PlannerState
  ) {
    guard let throughput = settings.policy.throughput,
      let sizing = sizing(for: observation.deployment)
    else { return }
    let steps = StepSequence(
      observation.steps.steps,
      intervals: intervals.map { TrafficStep($0, seconds: throughput.intervalSeconds) },
      after: sizing.newestStepEnd(state.sizing)
    ).steps
    let position = observation.deployment.map {
      settings.position($0, workers: observation.workers)
    }
    sizing.learn(
      DemandMoment(
        time: observation.time, steps: steps,
        forecast: steps.isEmpty ? nil : state.predictors?.forecast(),
        counts: position?.counts ?? [:], startUpSeconds: settings.predictor.startupDelaySeconds,
        profile: profile),
      into: &state.sizing)
  }

  /// Compares what was expected of the newest interval with what it showed.
  private func learnSizing(
    from newest: TrafficObservation, _ observation: Observation, _ state: inout PlannerState
  ) {
    guard let throughput = settings.policy.throughput,
      let sizing = sizing(for: observation.deployment)
    else { return }
    let position = observation.deployment.map {
      settings.position($0, workers: observation.workers)
    }
    let plan = state.decision.plan.flatMap {
      $0.intervalEnd == newest.intervalEnd - throughput.intervalSeconds ? $0 : nil
    }
    sizing.learn(
      SizingMoment(
        newest: newest, plan: plan, counts: position?.counts ?? [:],
        startUpSeconds: settings.predictor.startupDelaySeconds, profile: profile),
      into: &state.sizing)
  }
}
