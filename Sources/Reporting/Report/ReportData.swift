import Invocation
import Planning

/// What stands above a report, and what its plots are drawn against.
public struct ReportHeading: Sendable, Equatable {
  /// The deployment, or what was simulated.
  public var title: String
  /// What is scaled.
  public var mode: DeploymentMode
  /// The latency targets; nil when none are known.
  public var targets: LatencyTargets?
  /// The most GPUs; nil for no limit.
  public var gpuBudget: Int?
  /// Share of the requests that shall meet the targets; nil where nobody asked for one.
  public var askedShare: Double?
  /// GPUs of one replica of each component, at least 1; empty where they are not known.
  public var gpusPerReplica: [Component: Int] = [:]
  /// The fewest replicas of a component, at least 1.
  public var minimumReplicas = 1
  /// Length of an adjustment interval in seconds, at least 1; nil without traffic.
  public var intervalSeconds: Int?
  /// How moments are written.
  public var clock: ReportClock
  /// Sentences about what the report shows and leaves out.
  public var notes: [String]

  /// Creates a heading.
  public init(
    title: String, mode: DeploymentMode, targets: LatencyTargets? = nil, gpuBudget: Int? = nil,
    intervalSeconds: Int? = nil, clock: ReportClock = .utc, notes: [String] = []
  ) {
    self.title = title
    self.mode = mode
    self.targets = targets
    self.gpuBudget = gpuBudget
    self.intervalSeconds = intervalSeconds.map { min(max(1, $0), 1_000_000_000) }
    self.clock = clock
    self.notes = notes
  }
}

/// Everything a report shows, gathered row by row in bounded memory however many rows there are.
///
/// Rows are handed over in the order of time: what was observed of an interval after the decisions
/// that were made before its end. Rows outside the span are ignored.
public struct ReportData: Sendable {
  /// What stands above the report.
  public let heading: ReportHeading
  /// The regressions of the newest decision.
  public var regressions: [ReportRegression] = []
  /// The decisions to be listed, newest first.
  public var decisions: [DecisionDocument] = []

  /// Decisions that were added and lie in the span.
  public private(set) var decisionCount = 0

  let grid: TimeGrid
  private(set) var replicas: [Component: ReplicaSeries] = [:]
  private(set) var traffic: TrafficSeries
  private(set) var gpus: SeriesSampler
  private(set) var gpuHours: SeriesSampler
  private(set) var slowdown: [Component: SeriesSampler] = [:]
  private(set) var lanes: [ReasonLane] = []
  private(set) var changeCount = 0
  private(set) var totalGPUHours = 0.0
  /// What the requests and the GPUs came to.
  private(set) var account = ReportAccount()
  /// Whether decisions were held in each part of the grid.
  private(set) var heldParts: [Bool]
  /// Seconds from held decisions to the ones that followed.
  private(set) var heldSeconds = 0.0
  private var held: (time: Double, gpus: Int)?
  private var hold: Double?

  /// The replicas of one component.
  struct ReplicaSeries: Sendable {
    var current: SeriesSampler
    var throughput: SeriesSampler
    var floor: SeriesSampler
    var final: SeriesSampler

    init(_ grid: TimeGrid) {
      current = SeriesSampler(grid)
      throughput = SeriesSampler(grid)
      floor = SeriesSampler(grid)
      final = SeriesSampler(grid)
    }
  }

  /// Creates a report without rows.
  ///
  /// - Parameter span: the time it covers, seconds.
  public init(_ heading: ReportHeading, span: ClosedRange<Double>) {
    self.heading = heading
    grid = TimeGrid(span)
    traffic = TrafficSeries(grid, heading: heading)
    gpus = SeriesSampler(grid)
    gpuHours = SeriesSampler(grid)
    heldParts = Array(repeating: false, count: grid.count)
    for component in heading.mode.components {
      replicas[component] = ReplicaSeries(grid)
      lanes += ReasonLane.Rule.allCases.map { ReasonLane(component, $0, grid) }
    }
  }

  /// Adds a decision.
  public mutating func add(_ moment: ReportMoment) {
    guard let index = grid.index(of: moment.time) else { return }
    decisionCount += 1
    changeCount += moment.isChange ? 1 : 0
    addHold(moment)
    account.add(moment)
    for component in heading.mode.components {
      guard let counts = moment.components[component] else { continue }
      replicas[component]?.current.add(counts.current.map(Double.init), at: moment.time)
      replicas[component]?.throughput.add(counts.throughput.map(Double.init), at: moment.time)
      replicas[component]?.floor.add(counts.floor.map(Double.init), at: moment.time)
      replicas[component]?.final.add(counts.final.map(Double.init), at: moment.time)
      guard let reasons = counts.reasons else { continue }
      for lane in lanes.indices where lanes[lane].component == component {
        lanes[lane].add(reasons, at: index)
      }
    }
    addGPUs(moment)
    if let engines = moment.slowdown {
      slowdown[.prefill, default: SeriesSampler(grid)].add(engines.prefill, at: moment.time)
      slowdown[.decode, default: SeriesSampler(grid)].add(engines.decode, at: moment.time)
    }
    if let forecast = moment.forecast {
      traffic.expect(forecast)
    } else {
      traffic.expectNothing(at: moment.time)
    }
  }

  /// Adds what was observed of an interval.
  public mutating func add(_ observation: TrafficObservation) {
    guard grid.index(of: Double(observation.intervalEnd)) != nil else { return }
    traffic.observe(observation)
    account.add(observation, heldGPUs: held?.gpus, heading: heading)
  }

  /// A hold lasts until the next decision.
  private mutating func addHold(_ moment: ReportMoment) {
    if let hold, let from = grid.index(of: hold), let to = grid.index(of: moment.time), from <= to {
      for index in from...to { heldParts[index] = true }
      heldSeconds += moment.time - hold
    }
    hold = moment.isHeld ? moment.time : nil
  }

  /// What a decision holds counts until the next one.
  private mutating func addGPUs(_ moment: ReportMoment) {
    if let held {
      totalGPUHours += Double(held.gpus) * max(0, moment.time - held.time) / 3600
    }
    held = moment.gpus.map { (moment.time, $0) }
    gpus.add(moment.gpus.map(Double.init), at: moment.time)
    gpuHours.add(totalGPUHours, at: moment.time)
  }
}
