extension LoadState {
  /// How long a worker that was killed may stay registered, seconds: 5…20 were seen.
  private static let registeredSeconds = 30.0

  /// The samples without the workers that were killed a moment ago.
  ///
  /// A page that has workers registered shows none of a killed one's gauges, as of one that never had
  /// a request, until its registration ends. What tells them apart is that the killed one has had
  /// gauges before: it counts as missing for so long. (A frontend that restarted shows all of them so;
  /// after half a minute they are idle.)
  public mutating func live(_ samples: [WorkerSample]) -> [WorkerSample] {
    var served: Set<String> = []
    return samples.map { sample in
      var sample = sample
      sample.workers.removeAll { worker in
        let key = Self.key(worker)
        guard worker.isSilent else {
          served.insert(key)
          return false
        }
        if served.contains(key) { return true }
        guard let known = workers[key], !known.gauges.isSilent else { return false }
        let since = known.silentSince ?? sample.time
        workers[key]?.silentSince = since
        return sample.time - since < Self.registeredSeconds
      }
      return sample
    }
  }

  /// What a worker is remembered under.
  static func key(_ worker: WorkerGauges) -> String {
    "\(worker.component.rawValue)/\(worker.workerID)"
  }
}

extension WorkerGauges {
  /// Whether it looks like one that never had a request.
  var isSilent: Bool {
    activePrefillTokens == 0 && activeDecodeBlocks == 0 && lastTTFTMilliseconds == nil
      && lastISL == nil && lastITLMilliseconds == nil
  }
}
