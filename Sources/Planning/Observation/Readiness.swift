/// Whether the deployment may be changed now, and if not, why, as a sentence.
public enum Readiness: Sendable, Equatable {
  /// It may be changed.
  case ready
  /// Workers that were asked for are not ready yet, and nothing else is under way: more of them may
  /// be asked for.
  case startingWorkers(String)
  /// An earlier order is still carried out, out of sight, and no order that takes workers away is
  /// accepted: more of them may be asked for.
  case growthOnly(String)
  /// A rollout, an earlier order or the deployment's own state: nothing may be changed.
  case busy(String)
  /// The connector takes no order at all, not even that of a hold's fallback.
  case refusing(String)

  /// Why nothing may be changed freely; nil when it may.
  public var waitReason: String? {
    switch self {
    case .ready: nil
    case .startingWorkers(let reason), .growthOnly(let reason), .busy(let reason),
      .refusing(let reason):
      reason
    }
  }

  /// Whether more workers may be asked for.
  var mayGrow: Bool {
    switch self {
    case .ready, .startingWorkers, .growthOnly: true
    case .busy, .refusing: false
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
    let refuses = try container.decodeIfPresent(Bool.self, forKey: .refusesOrders) == true
    let grows = try container.decodeIfPresent(Bool.self, forKey: .mayGrow) == true
    self =
      switch (refuses, grows) {
      case (true, true): .growthOnly(reason)
      case (true, false): .refusing(reason)
      case (false, true): .startingWorkers(reason)
      case (false, false): .busy(reason)
      }
  }

  func encode(to container: inout KeyedEncodingContainer<CodingKeys>) throws {
    try container.encodeIfPresent(waitReason, forKey: .inProgress)
    switch self {
    case .refusing: try container.encode(true, forKey: .refusesOrders)
    case .startingWorkers: try container.encode(true, forKey: .mayGrow)
    case .growthOnly:
      try container.encode(true, forKey: .refusesOrders)
      try container.encode(true, forKey: .mayGrow)
    case .ready, .busy: break
    }
  }
}
