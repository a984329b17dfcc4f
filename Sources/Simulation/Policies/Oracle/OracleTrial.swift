import Planning

/// Tries counts of replicas out on copies of a cluster.
struct OracleTrial {
  /// What counts as a miss.
  enum Judge {
    /// A TTFT above the target.
    case ttft
    /// A mean ITL above the target.
    case itl
    /// Either.
    case both
  }

  let run: SimulationRun
  let cluster: ClusterSimulation
  /// The requests that are judged.
  let requests: Range<Int>
  /// When the last of them has arrived.
  let end: Double

  /// Misses among the requests with these counts; more than `limit` may be counted too low.
  func misses(with counts: [Component: Int], judge: Judge, stopAfter limit: Int) -> Int {
    var copy = cluster
    copy.log = LatencyLog(requests: requests)
    for (component, count) in counts.sorted(by: { $0.key < $1.key }) {
      copy.scale(component, to: count)
    }
    copy.advance(to: end)
    // What comes after goes on coming, as it does in truth, until the last of them is done.
    let step = 10.0
    var time = end
    while isOpen(copy.log, judge), time < end + 3600 {
      if misses(copy.log, judge, countsUnfinished: false) > limit { break }
      time += step
      copy.advance(to: time)
    }
    return misses(copy.log, judge, countsUnfinished: true)
  }

  /// Requests that would miss even alone on their engines.
  func unavoidableMisses(_ judge: Judge) -> Int {
    requests.count { !run.isReachable($0, judge) }
  }

  private func isOpen(_ log: LatencyLog, _ judge: Judge) -> Bool {
    judge == .ttft ? log.withoutFirstToken > 0 : log.unfinished > 0
  }

  private func misses(_ log: LatencyLog, _ judge: Judge, countsUnfinished: Bool) -> Int {
    let targets = run.settings.targets
    var misses = 0
    for index in log.ttft.indices where log.ttft[index] >= 0 || log.ttft[index].isNaN {
      let ttft = Double(log.ttft[index])
      let itl = Double(log.itl[index])
      let missesTTFT =
        ttft.isNaN ? countsUnfinished : ttft > targets.ttftMilliseconds
      let missesITL = itl.isNaN ? countsUnfinished : itl > targets.itlMilliseconds
      switch judge {
      case .ttft: misses += missesTTFT ? 1 : 0
      case .itl: misses += missesITL ? 1 : 0
      case .both: misses += missesTTFT || missesITL ? 1 : 0
      }
    }
    return misses
  }
}

extension SimulationRun {
  /// Share of the requests that could meet both targets at all: alone on their engines. No number
  /// of replicas serves more of them well.
  public var reachableShare: Double {
    guard !trace.isEmpty else { return 1 }
    return Double((0..<trace.count).count { isReachable($0, .both) }) / Double(trace.count)
  }

  /// Whether a request alone on its engines meets a target.
  func isReachable(_ request: Int, _ judge: OracleTrial.Judge) -> Bool {
    let isl = trace.isl[request]
    let osl = trace.osl[request]
    let reachesTTFT =
      speed.firstTokenSeconds(isl: isl) * 1000 <= settings.targets.ttftMilliseconds
    let context = Double(isl) + Double(osl) / 2
    let reachesITL =
      osl == 1
      || speed.stepSeconds(sequences: 1, meanContext: context) * 1000
        <= settings.targets.itlMilliseconds
    return switch judge {
    case .ttft: reachesTTFT
    case .itl: reachesITL
    case .both: reachesTTFT && reachesITL
    }
  }
}
