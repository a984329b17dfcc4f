/// Several simulations: each traffic with each seed, and what the policies came to on average.
public struct SimulationStudy: Codable, Sendable {
  /// One simulation, without its intervals.
  public struct Case: Codable, Sendable {
    /// What the traffic is called.
    public var traffic: String
    /// Its seed.
    public var seed: UInt64
    /// What came of it.
    public var report: SimulationReport

    /// Creates a case of a whole report; its intervals are dropped.
    public init(traffic: String, seed: UInt64, report: SimulationReport) {
      self.traffic = traffic
      self.seed = seed
      self.report = report
      for index in self.report.policies.indices { self.report.policies[index].intervals = [] }
    }
  }

  /// A mean over seeds, and how far they lie apart.
  public struct Spread: Codable, Sendable, Equatable {
    /// The mean.
    public var mean: Double
    /// Standard deviation of the sample; nil for a single value.
    public var deviation: Double?
    /// The smallest value.
    public var least: Double

    /// Summarises `values`; nil without any.
    public init?(_ values: [Double]) {
      guard let least = values.min() else { return nil }
      let mean = values.reduce(0, +) / Double(values.count)
      self.mean = mean
      self.least = least
      deviation =
        values.count > 1
        ? (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
          .squareRoot() : nil
    }
  }

  /// A policy on one traffic, over its seeds.
  public struct Row: Codable, Sendable, Equatable {
    /// What the traffic is called; ``everything`` for the mean over all of it.
    public var traffic: String
    /// What the policy is called.
    public var policy: String
    /// Share of the requests within both targets.
    public var attainment: Spread?
    /// GPU-hours up to the last request.
    public var gpuHours: Spread?
    /// GPU-hours over the oracle's.
    public var overOracle: Spread?
    /// GPU-hours over those of the rule without a forecast at the same attainment.
    public var overReactive: Spread?
    /// Seeds whose attainment no margin of that rule reaches, or all of them exceed.
    public var boundsOnly: Int
    /// Changes an hour of the component that changes more.
    public var changesPerHour: Spread?

    enum CodingKeys: String, CodingKey {
      case traffic, policy
      case attainment = "sla_attainment"
      case gpuHours = "gpu_hours_of_trace"
      case overOracle = "gpu_hours_over_oracle"
      case overReactive = "gpu_hours_over_reactive"
      case boundsOnly = "bounds_only"
      case changesPerHour = "changes_per_hour"
    }
  }

  /// What the rows over all traffic are called.
  public static let everything = "all"

  /// Version of this format.
  public var schema = 1
  /// The simulations.
  public var cases: [Case]
  /// The means over the seeds; with several kinds of traffic, those over all of them at the end.
  public var summary: [Row]

  /// Summarises cases.
  public init(_ cases: [Case]) {
    self.cases = cases
    let traffic = cases.reduce(into: [String]()) { names, one in
      if !names.contains(one.traffic) { names.append(one.traffic) }
    }
    let policies = cases.first?.report.policies.map(\.policy) ?? []
    summary = traffic.flatMap { name in
      let own = cases.filter { $0.traffic == name }
      return policies.map { policy in
        Self.row(name, policy, own.compactMap { Sample($0, policy) }.map { [$0] })
      }
    }
    guard traffic.count > 1 else { return }
    // A seed's value over all traffic is the mean of its values, so that the spread is that of seeds.
    let bySeed = Dictionary(grouping: cases, by: \.seed).sorted { $0.key < $1.key }
    summary += policies.map { policy in
      Self.row(
        Self.everything, policy,
        bySeed.map { $0.value.compactMap { one in Sample(one, policy) } })
    }
  }

  /// What a policy came to in one case.
  private struct Sample {
    var attainment: Double?
    var gpuHours: Double
    var overOracle: Double?
    var overReactive: ReactiveFrontier.Ratio?
    var changesPerHour: Double?

    init?(_ one: Case, _ policy: String) {
      guard let result = one.report.policies.first(where: { $0.policy == policy }) else {
        return nil
      }
      attainment = result.total.attainment
      gpuHours = result.traceGPUHours
      overOracle = one.report.overOracle?[policy]
      overReactive = one.report.overReactive?[policy]
      let most = result.total.changes.values.max() ?? 0
      changesPerHour =
        result.total.seconds > 0 ? Double(most) / result.total.seconds * 3600 : nil
    }
  }

  /// A row of groups of samples: the spread is that of the groups' means.
  private static func row(_ traffic: String, _ policy: String, _ groups: [[Sample]]) -> Row {
    func spread(_ value: (Sample) -> Double?) -> Spread? {
      Spread(groups.compactMap { group in Spread(group.compactMap(value))?.mean })
    }
    return Row(
      traffic: traffic, policy: policy, attainment: spread(\.attainment),
      gpuHours: spread(\.gpuHours), overOracle: spread(\.overOracle),
      overReactive: spread { $0.overReactive?.value },
      boundsOnly: groups.joined().count { sample in
        sample.overReactive.map { $0.basis != .within } ?? false
      },
      changesPerHour: spread(\.changesPerHour))
  }
}
