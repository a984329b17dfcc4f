import Planning

/// What the answers about arrivals say of one interval.
struct IntervalDemand: Equatable {
  var arrivals: Arrivals?
  var inFlight: Double?
  var queued: Double?
  var histograms: [DemandMeasure: BucketCounts] = [:]
  /// Why arrivals are not known; nil when they are.
  var reason: String?
}
