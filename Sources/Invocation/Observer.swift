import Forecasting
import Planning

/// Looks at deployment, traffic and workers, side by side where none needs another's answer.
struct Observer: Sendable {
  let settings: InvocationSettings
  let ports: InvocationPorts
  let time: Double

  /// Observes everything that the settings ask for.
  ///
  /// - Parameters:
  ///   - window: the intervals that are missing; nil when none is, or when throughput-based scaling is
  ///     off.
  ///   - stepWindow: the short steps that are missing; nil when none is wanted.
  /// - Returns: what was seen, and why the deployment was not.
  /// - Throws: what the user has to mend; `CancellationError`.
  func observe(
    window: TrafficWindow?, steps stepWindow: StepWindow?
  ) async throws -> (observation: Observation, failure: ConnectorError?) {
    let deployment = Task { await observeDeployment() }
    let seen = try await withTaskCancellationHandler {
      do {
        async let traffic = readTraffic(window, deployment)
        async let steps = readSteps(stepWindow, deployment)
        async let workers = sampleWorkers(deployment)
        return (await deployment.value, try await traffic, try await steps, try await workers)
      } catch {
        // Whoever ends the process now must not do so under a transfer.
        deployment.cancel()
        _ = await deployment.value
        // A source that was stopped in the middle of a request complains about that.
        try Task.checkCancellation()
        throw error
      }
    } onCancel: {
      deployment.cancel()
    }
    try Task.checkCancellation()
    let (status, traffic, steps, workers) = seen
    var observation = Observation(
      time: time, deployment: nil, traffic: traffic, steps: steps, workers: workers)
    switch status {
    case .success(let status):
      observation.deployment = status
      return (observation, nil)
    case .failure(let error):
      return (observation, error)
    }
  }

  /// Looks at the deployment once more.
  ///
  /// - Throws: ``ConnectorError``, `CancellationError`.
  func observeDeploymentAgain() async throws -> DeploymentStatus {
    let observed = await observeDeployment()
    // Stopped in the middle of a request, the connector complains about that.
    try Task.checkCancellation()
    return try observed.get()
  }

  private typealias DeploymentTask = Task<Result<DeploymentStatus, ConnectorError>, Never>

  private func observeDeployment() async -> Result<DeploymentStatus, ConnectorError> {
    do {
      return .success(try await ports.connector.observe(at: time))
    } catch let error as ConnectorError {
      return .failure(error)
    } catch {
      return .failure(.unreachable("\(error)"))
    }
  }

  private func readTraffic(
    _ window: TrafficWindow?, _ deployment: DeploymentTask
  ) async throws -> TrafficReport? {
    guard let window, let source = ports.traffic else { return nil }
    return try await source.readTraffic(window, modelName: await modelName(deployment))
  }

  private func readSteps(
    _ window: StepWindow?, _ deployment: DeploymentTask
  ) async throws -> StepReport {
    guard let window, let source = ports.traffic else { return StepReport() }
    return try await source.readSteps(window, modelName: await modelName(deployment))
  }

  /// Only a name that the settings lack is worth waiting for.
  private func modelName(_ deployment: DeploymentTask) async -> String? {
    if let name = settings.modelName { return name }
    return try? await deployment.value.get().modelName
  }

  private func sampleWorkers(_ deployment: DeploymentTask) async throws -> WorkerReport? {
    guard settings.planner.policy.load != nil, let source = ports.workers else { return nil }
    var status: DeploymentStatus?
    if settings.modelName == nil || settings.routerMetricsURL == nil {
      status = try? await deployment.value.get()
    }
    guard let url = settings.routerMetricsURL ?? status?.routerMetricsURL else {
      return WorkerReport(
        samples: [],
        failure:
          "the router's metrics page is not known; name it with --loadbased-router-metrics-url")
    }
    let gaps = settings.metricSamples - 1
    var report = try await source.sampleWorkers(
      url: url, modelName: settings.modelName ?? status?.modelName, count: settings.metricSamples,
      spacingSeconds: gaps > 0 ? settings.sampleSpreadSeconds / Double(gaps) : 0)
    if let unread = try? await deployment.value.get().unreadFrontends(url: url) {
      // A part of the load must not be learned from either.
      report = WorkerReport(samples: [], failure: unread, warnings: report.warnings)
    }
    return report
  }
}

/// The world as an invocation reaches it.
public struct InvocationPorts: Sendable {
  /// The state of the deployment.
  public var store: any StateStore
  /// Where the traffic is read; nil when throughput-based scaling is off.
  public var traffic: (any TrafficSource)?
  /// Reads the recorded traffic that new predictors are warmed up on, consecutive intervals of the
  /// adjustment interval's length, oldest first; nil for none. Called only when there are no
  /// predictors yet.
  public var warmUp: (@Sendable () throws -> [RecordedTraffic])?
  /// Where the workers are read; nil when load-based scaling is off.
  public var workers: (any WorkerSource)?
  /// Where replica counts are read and set.
  public var connector: any Connector
  /// Keeps planners with other state files away; nil where nothing does, or need be.
  public var lease: (any DeploymentLease)?
  /// Counts decisions; nil when nobody watches.
  public var counter: (any DecisionCounter)?
  /// The time that the decision is made as of.
  public var clock: any PlannerClock
  /// Unix seconds of the machine's clock. The lease goes by it, whatever moment is decided as of.
  public var wallClock: @Sendable () -> Double
  /// Called once nobody else can work on the deployment and before anything is observed. An error
  /// ends the invocation, with nothing changed.
  public var leaseTaken: @Sendable () throws -> Void
  /// Called after each step with its duration in seconds; a crash test ends the process here.
  public var stepDone: @Sendable (InvocationStep, Double) -> Void

  /// Bundles the ports.
  public init(
    store: any StateStore, traffic: (any TrafficSource)?, workers: (any WorkerSource)?,
    connector: any Connector, lease: (any DeploymentLease)? = nil,
    counter: (any DecisionCounter)? = nil, clock: any PlannerClock,
    wallClock: (@Sendable () -> Double)? = nil,
    leaseTaken: @escaping @Sendable () throws -> Void = {},
    warmUp: (@Sendable () throws -> [RecordedTraffic])? = nil,
    stepDone: @escaping @Sendable (InvocationStep, Double) -> Void = { _, _ in }
  ) {
    self.store = store
    self.traffic = traffic
    self.warmUp = warmUp
    self.workers = workers
    self.connector = connector
    self.lease = lease
    self.counter = counter
    self.clock = clock
    self.wallClock = wallClock ?? { clock.now() }
    self.leaseTaken = leaseTaken
    self.stepDone = stepDone
  }
}
