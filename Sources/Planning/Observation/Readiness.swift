/// Whether the deployment may be changed now, and if not, why, as a sentence.
public enum Readiness: Sendable, Equatable {
  /// It may be changed.
  case ready
  /// Workers that were asked for are not ready yet, and nothing else is under way: more of them may
  /// be asked for.
  case startingWorkers(String)
  /// A rollout, an earlier order or the deployment's own state: nothing may be changed.
  case busy(String)
  /// The connector takes no order at all, not even that of a hold's fallback.
  case refusing(String)

  /// Why nothing may be changed freely; nil when it may.
  public var waitReason: String? {
    switch self {
    case .ready: nil
    case .startingWorkers(let reason), .busy(let reason), .refusing(let reason): reason
    }
  }

  /// Whether the deployment may be changed freely.
  public var isReady: Bool { self == .ready }
}

/// The keys under which state files hold a ``Readiness``, one for each question it answers.
extension Readiness {
  enum CodingKeys: String, CodingKey { case inProgress, refusesOrders, mayGrow }

  init(from container: KeyedDecodingContainer<CodingKeys>) throws {
    guard let reason = try container.decodeIfPresent(String.self, forKey: .inProgress) else {
      self = .ready
      return
    }
    if try container.decodeIfPresent(Bool.self, forKey: .refusesOrders) == true {
      self = .refusing(reason)
    } else if try container.decodeIfPresent(Bool.self, forKey: .mayGrow) == true {
      self = .startingWorkers(reason)
    } else {
      self = .busy(reason)
    }
  }

  func encode(to container: inout KeyedEncodingContainer<CodingKeys>) throws {
    try container.encodeIfPresent(waitReason, forKey: .inProgress)
    switch self {
    case .refusing: try container.encode(true, forKey: .refusesOrders)
    case .startingWorkers: try container.encode(true, forKey: .mayGrow)
    case .ready, .busy: break
    }
  }
}
