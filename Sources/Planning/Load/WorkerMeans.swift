/// Means of workers' gauges over several samples. A gauge that was not shown does not count.
enum WorkerMeans {
  /// One worker's gauges, each the mean over the samples that showed it; sorted by id.
  static func perWorker(_ samples: [WorkerSample], component: Component) -> [WorkerGauges] {
    var readings: [String: [WorkerGauges]] = [:]
    for sample in samples {
      for worker in sample.workers where worker.component == component {
        readings[worker.workerID, default: []].append(worker)
      }
    }
    return readings.keys.sorted().map { id in
      let gauges = readings[id] ?? []
      return WorkerGauges(
        workerID: id, component: component,
        activePrefillTokens: mean(gauges.map(\.activePrefillTokens)),
        activeDecodeBlocks: mean(gauges.map(\.activeDecodeBlocks)),
        lastTTFTMilliseconds: mean(gauges.map(\.lastTTFTMilliseconds)),
        lastISL: mean(gauges.map(\.lastISL)),
        lastITLMilliseconds: mean(gauges.map(\.lastITLMilliseconds)))
    }
  }

  /// Mean ISL over all samples of the workers in `newest`: one that has left is not averaged in.
  /// nil when no worker shows an ISL.
  static func isl(_ samples: [WorkerSample], component: Component, among newest: Set<String>)
    -> Double?
  {
    mean(
      samples.flatMap(\.workers).filter {
        $0.component == component && newest.contains($0.workerID)
      }.map(\.lastISL))
  }

  /// The mean of the values there are; nil when there is none.
  static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}
