/// Means of workers' gauges over several samples. A gauge that was not shown does not count.
enum WorkerMeans {
  /// Each worker's gauges in the samples that showed it, oldest first; sorted by id.
  static func readings(_ samples: [WorkerSample], component: Component) -> [[WorkerGauges]] {
    var readings: [String: [WorkerGauges]] = [:]
    for sample in samples {
      for worker in sample.workers where worker.component == component {
        readings[worker.workerID, default: []].append(worker)
      }
    }
    return readings.keys.sorted().compactMap { readings[$0] }
  }

  /// One worker's gauges, each the mean over the readings that show it; nil without a reading.
  static func mean(of readings: [WorkerGauges]) -> WorkerGauges? {
    guard var worker = readings.last, readings.count > 1 else { return readings.last }
    worker.activePrefillTokens = mean(readings.map(\.activePrefillTokens))
    worker.activeDecodeBlocks = mean(readings.map(\.activeDecodeBlocks))
    worker.lastTTFTMilliseconds = mean(readings.map(\.lastTTFTMilliseconds))
    worker.lastISL = mean(readings.map(\.lastISL))
    worker.lastITLMilliseconds = mean(readings.map(\.lastITLMilliseconds))
    return worker
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
