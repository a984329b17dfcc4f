/// One line of a proposal's trail: what changed its count, or kept it from being changed.
public struct Adjustment: Codable, Sendable, Equatable {
  /// Why. The raw values are a contract.
  public enum Reason: String, Codable, Sendable, CaseIterable {
    /// The throughput result allows no fewer.
    case floor
    /// A component has no fewer than this.
    case minimum
    /// More are needed while workers of an earlier order are still starting.
    case growthInFlight = "growth-in-flight"
    /// Fewer are needed while workers of an earlier order are still starting.
    case lossInFlight = "loss-in-flight"
    /// No replica of the learned engine was ever seen with so much load.
    case unseenLoad = "unseen-load"
    /// Too little is known of the engine to order more, and nothing is missed.
    case uncertainEngine = "uncertain-engine"
    /// All components together hold no fewer GPUs.
    case minimumGPUs = "minimum-gpus"
    /// The GPU budget holds no more.
    case budget
    /// Requests are waiting.
    case backlog
    /// Workers that were asked for don't come.
    case startAbandoned = "start-abandoned"
    /// The scale-down stabilisation window asked for more.
    case stabilized
    /// The loss is too small to be worth a change.
    case smallLoss = "small-loss"
    /// One decision changes a count by no more.
    case stepLimited = "step-limited"
    /// The deployment is not ready, rolling out or still scaling.
    case scalingInProgress = "scaling-in-progress"
    /// Something that the decision needs is not known.
    case dataMissing = "data-missing"
    /// The router shows other workers than are ready.
    case workersMissing = "workers-missing"
    /// The hold lasted longer than its limit.
    case holdFallback = "hold-fallback"
    /// A person has paused the planner.
    case paused
    /// A person has pinned the count.
    case pinned
    /// A person has bounded the count.
    case bounded
    /// A window of the calendar bounds the count.
    case calendar

    /// Whether it keeps a component from being decided, rather than its count from going further.
    public var isHold: Bool {
      switch self {
      case .scalingInProgress, .dataMissing, .workersMissing: true
      default: false
      }
    }

    /// Whether it lets a component that was held be decided all the same.
    public var endsHold: Bool {
      switch self {
      case .growthInFlight, .lossInFlight, .holdFallback, .paused, .pinned: true
      default: false
      }
    }

    /// Whether a person or the calendar has said so.
    public var isControl: Bool {
      switch self {
      case .paused, .pinned, .bounded, .calendar: true
      default: false
      }
    }

    /// Whether it keeps a count from changing too fast.
    public var isDamping: Bool {
      switch self {
      case .stabilized, .smallLoss, .stepLimited, .backlog, .startAbandoned: true
      default: false
      }
    }
  }

  /// The limit that did it, as its type is called.
  public var by: String
  /// The count before; nil when none was known.
  public var from: Int?
  /// The count after; equal to `from` where a component is held.
  public var to: Int?
  /// Why.
  public var reason: Reason
  /// Until when it lasts if nothing else changes, Unix seconds; nil when that is not known.
  public var until: Double?
}
