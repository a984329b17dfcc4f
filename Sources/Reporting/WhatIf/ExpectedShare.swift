import Invocation
import Presentation

/// What share of the requests a decided count is expected to serve within its target.
public enum ExpectedShare: Sendable, Equatable {
  /// That share.
  case share(Double)
  /// Less than that share: fewer replicas than were worked out.
  case below(Double)
  /// That share or more.
  case atLeast(Double)

  /// What is known of a decided component; nil where nothing was sized by targets.
  init?(_ decided: DecisionDocument.ComponentDocument) {
    guard let sla = decided.capacity?.sla, let sized = decided.throughput,
      let final = decided.final
    else { return nil }
    if final >= sized {
      self = final == sized ? .share(sla.attainment) : .atLeast(sla.attainment)
    } else if let fewer = sla.attainmentOneFewer {
      self = final == sized - 1 ? .share(fewer) : .below(fewer)
    } else {
      return nil
    }
  }

  /// The share that is known.
  var bound: Double {
    switch self {
    case .share(let share), .below(let share), .atLeast(let share): share
    }
  }

  /// `97 %`, `under 88 %`.
  var text: String {
    switch self {
    case .share(let share): Numbers.percent(share)
    case .below(let share): "under \(Numbers.percent(share))"
    case .atLeast(let share): "\(Numbers.percent(share)) or more"
    }
  }
}
