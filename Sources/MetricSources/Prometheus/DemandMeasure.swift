/// What is asked of Prometheus on top of ``TrafficMeasure`` when arrivals count, one query each.
enum DemandMeasure: CaseIterable {
  /// Arrivals and what is under way, all in one answer (``DemandQueries/Part``).
  case arrivals
  /// How unevenly requests arrive within an interval.
  case dispersion
  case timeToFirstToken
  case interTokenLatency
  case inputLength
  case outputLength

  /// The measure whose histogram it is; nil for what is no histogram.
  var histogramOf: TrafficMeasure? {
    switch self {
    case .arrivals, .dispersion: nil
    case .timeToFirstToken: .timeToFirstToken
    case .interTokenLatency: .interTokenLatency
    case .inputLength: .inputLength
    case .outputLength: .outputLength
    }
  }

  /// How messages call it.
  var title: String {
    switch self {
    case .arrivals: "number of arrivals"
    case .dispersion: "dispersion of arrivals"
    default: "spread of the \(histogramOf?.title ?? "")"
    }
  }

  /// Only the newest intervals tell how values are spread; older ones are caught up with for the
  /// forecast, which needs none of it.
  var newestIntervals: Int { self == .arrivals ? .max : 20 }
}
