import Planning

/// The models whose traffic the tests' Prometheus has, and what their traffic needs.
///
/// The lengths are those of measured points of the profile, so that its throughputs can be taken
/// from the file by hand: a prefill engine does 42706.958 tokens/s at ISL 2134, and a decode engine
/// 6101.493 tokens/s at a context of 2997 = 2134 + 1726/2 tokens, where its ITL is 15.479 ms. Per
/// 1800 requests in 180 s that makes 21340 / 42706.958 = 0.4997 prefill engines and
/// 17260 / 6101.493 = 2.8288 decode engines.
enum KnownTraffic {
  /// The folder of the profile below the fixtures.
  static let profile = "profiles/h200-llama3.1-8b-tp1"
  /// The ITL target (ms) that the measured point is the last to meet.
  static let itlTarget = 15.48

  /// 1800, 5400, 9000, 3600, 1800, … requests: every interval needs other replicas.
  static let wave = "wave"
  /// As `wave`, but nothing was scraped in the interval of the trouble.
  static let gap = "gap"
  /// As `wave`, but all values of the interval of the trouble are NaN.
  static let broken = "broken"
  /// 5400 requests until the interval of the trouble; from there on the counters stand still.
  static let idle = "idle"
  /// The interval in which the last three are different.
  static let trouble = 51

  /// Requests of `wave` in an interval.
  static func waveRequests(_ interval: Int) -> Double {
    [1800, 5400, 9000, 3600][(interval % 4 + 4) % 4]
  }

  /// Replicas that `wave` needs in an interval: the ceilings of 0.4997 and 2.8288 per 1800
  /// requests.
  static func waveReplicas(_ interval: Int) -> (prefill: Int, decode: Int) {
    [(1, 3), (2, 9), (3, 15), (1, 6)][(interval % 4 + 4) % 4]
  }

  /// Replicas of one component that `wave` needs in an interval.
  static func replicas(_ component: Component, _ interval: Int) -> Int {
    let both = waveReplicas(interval)
    return component == .prefill ? both.prefill : both.decode
  }

  /// Everything, as promtool reads it.
  static let openMetrics: String = {
    var history = TrafficHistory()
    let load = TrafficHistory.Load(requests: waveRequests)
    history.add(model: wave, load)
    history.add(model: gap, load) { _, interval in interval == trouble ? .nothing : .value }
    history.add(model: broken, load) { _, interval in interval == trouble ? .nan : .value }
    history.add(
      model: idle, TrafficHistory.Load(requests: { $0 < trouble ? 5400 : 0 }))
    return history.openMetrics
  }()
}
