import Planning

/// What a report's requests and GPUs came to: the shares that met the targets, and the GPU-hours
/// against the least that the same work would have taken.
struct ReportAccount: Sendable {
  /// Requests with a known share, and those of them within the target.
  struct Share: Sendable {
    private(set) var known = 0.0
    private(set) var within = 0.0

    /// The share; nil where none is known.
    var value: Double? { known > 0 ? within / known : nil }

    mutating func add(_ share: Double?, of count: Double) {
      guard let share, share.isFinite, count > 0 else { return }
      known += count
      within += count * min(max(0, share), 1)
    }
  }

  private(set) var ttft = Share()
  private(set) var itl = Share()
  /// GPU-hours held in the intervals that `leastGPUHours` is of.
  private(set) var heldGPUHours = 0.0
  /// GPU-hours that would have carried the work of the intervals.
  private(set) var leastGPUHours = 0.0
  private var newestInterval: String?
  private var tokensPerSecond: [Component: Double] = [:]

  /// Adds what a decision knew: an interval's requests count once, however many decisions see them.
  mutating func add(_ moment: ReportMoment) {
    for (component, counts) in moment.components {
      if let capacity = counts.tokensPerSecondPerReplica, capacity > 0, capacity.isFinite {
        tokensPerSecond[component] = capacity
      }
    }
    guard let attained = moment.attained, attained.intervalEnd != newestInterval else { return }
    newestInterval = attained.intervalEnd
    ttft.add(attained.ttft, of: attained.requestCount)
    itl.add(attained.itl, of: attained.requestCount)
  }

  /// Adds an interval's work: tokens over what a replica does, rounded up to whole replicas, without
  /// waiting or starts. 40,000 prompt tokens a second at 15,000 a replica take 3 replicas.
  mutating func add(
    _ seen: TrafficObservation, heldGPUs: Int?, heading: ReportHeading
  ) {
    guard let heldGPUs, let interval = heading.intervalSeconds, let isl = seen.isl,
      let osl = seen.osl
    else { return }
    var gpus = 0
    for component in heading.mode.components {
      guard let each = tokensPerSecond[component], let width = heading.gpusPerReplica[component]
      else { return }
      let tokens = component == .prefill ? isl : osl
      let replicas = (seen.requestCount * tokens / Double(interval) / each).rounded(.up)
      guard replicas < 1e6 else { return }
      gpus += width * max(heading.minimumReplicas, Int(replicas))
    }
    let hours = Double(interval) / 3600
    leastGPUHours += Double(gpus) * hours
    heldGPUHours += Double(heldGPUs) * hours
  }
}
