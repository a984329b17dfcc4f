/// Traffic with a name, and what is peculiar about the workers that it meets.
///
/// ```swift
/// let trace = try Scenario.named("ramp")?.trace(seed: 3)
/// ```
///
/// Every seed is another draw: of the arrivals and lengths, and of the times and heights that the
/// scenario leaves open. A scenario knows no profile and no targets; its rates suit a 70B model on
/// some ten workers of each component and are multiplied by a scale for anything else.
public struct Scenario: Sendable, CustomStringConvertible {
  /// What is peculiar about the workers.
  public struct Plant: Sendable, Equatable {
    /// How many times as long as profiled the engines take; 1 for as long.
    public var slowdown: Double
    /// Share of starts that fail at their end and begin again.
    public var startFailureShare: Double
    /// Share of starts that never end.
    public var neverStartShare: Double
    /// Standard deviation of the logarithm of the start-up time; 0 for a fixed one.
    public var startUpDeviation: Double

    /// Workers that are as they are told to be, but for what is named.
    public init(
      slowdown: Double = 1, startFailureShare: Double = 0, neverStartShare: Double = 0,
      startUpDeviation: Double = 0
    ) {
      self.slowdown = slowdown
      self.startFailureShare = startFailureShare
      self.neverStartShare = neverStartShare
      self.startUpDeviation = startUpDeviation
    }
  }

  /// What it is called.
  public let name: String
  /// What happens in it, without a capital and a full stop.
  public let summary: String
  /// How long it lasts unless it is told otherwise, in seconds.
  public let standardSeconds: Double
  /// What is peculiar about the workers.
  public let plant: Plant
  private let plan: @Sendable (inout ScenarioDraw) -> TrafficPlan

  init(
    _ name: String, _ summary: String, hours: Double = 2, plant: Plant = Plant(),
    plan: @escaping @Sendable (inout ScenarioDraw) -> TrafficPlan
  ) {
    self.name = name
    self.summary = summary
    standardSeconds = hours * 3600
    self.plant = plant
    self.plan = plan
  }

  /// Its name.
  public var description: String { name }

  /// The scenario of a name; nil if there is none.
  public static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

  /// The requests of a seed.
  ///
  /// - Parameters:
  ///   - scale: the rates are multiplied by it, above 0.
  ///   - seconds: length; nil for ``standardSeconds``. Ramps, steps and days are stretched to it.
  /// - Throws: ``TraceError`` when there would be none, or too many.
  public func trace(
    seed: UInt64, scale: Double = 1, seconds: Double? = nil
  ) throws(TraceError) -> RequestTrace {
    let seconds = seconds ?? standardSeconds
    guard seconds <= TraceShaping.longestTrace else { throw .tooLong(seconds) }
    var draw = ScenarioDraw(seed: seed, seconds: seconds)
    var plan = plan(&draw)
    for index in plan.levels.indices { plan.levels[index].rate *= scale }
    return try plan.trace(seconds: seconds, seed: seed)
  }
}

/// Draws what a scenario leaves open.
struct ScenarioDraw {
  /// Length of the scenario.
  let seconds: Double
  private var random: SimulationRandom

  init(seed: UInt64, seconds: Double) {
    self.seconds = seconds
    random = SimulationRandom(seed: seed, stream: 10)
  }

  /// A number between two, each as likely.
  mutating func between(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * random.uniform()
  }

  /// A time between two shares of the length.
  mutating func time(_ low: Double, _ high: Double) -> Double { seconds * between(low, high) }

  /// Surges at random times, so many an hour on average.
  mutating func surges(
    perHour: Double, adds: ClosedRange<Double>, seconds length: ClosedRange<Double>
  ) -> [TrafficPlan.Surge] {
    var surges: [TrafficPlan.Surge] = []
    var start = random.exponential(mean: 3600 / perHour)
    while start < seconds {
      surges.append(
        TrafficPlan.Surge(
          start: start, seconds: between(length.lowerBound, length.upperBound),
          adds: between(adds.lowerBound, adds.upperBound), edgeSeconds: 20))
      start += random.exponential(mean: 3600 / perHour)
    }
    return surges
  }
}
