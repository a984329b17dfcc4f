import Planning

/// How many engines the requests of each window keep busy at the targets: what a rule without a
/// forecast goes by.
///
/// A window's requests are those that arrive in it, with the lengths they turn out to have. The
/// prefill they need is the time that their prompts occupy an engine; the decode they need is the
/// number of sequences in service when every token takes as long as the target allows (Little's
/// law: tokens a second × seconds a token), over the sequences that one engine holds at that target
/// with their mean context. 30 requests of 100 ms of prefill in 30 s keep 0.1 engines busy.
public struct CapacityNeeds: Sendable, Equatable {
  /// Length of the windows in seconds, above 0.
  public let windowSeconds: Double
  /// Engines of each scaled component that are busy, window by window from time zero; not rounded.
  public let needs: [[Component: Double]]

  /// Needs that are known already.
  public init(windowSeconds: Double, needs: [[Component: Double]]) {
    self.windowSeconds = windowSeconds
    self.needs = needs
  }

  /// Computes the needs of a run's trace on the engines of its cluster. The cost is linear in the
  /// requests.
  ///
  /// - Parameter windowSeconds: length of the windows, at least 1.
  public init(of run: SimulationRun, windowSeconds: Double) {
    let seconds = max(1, windowSeconds)
    let windows = Int((run.end / seconds).rounded(.up))
    self.init(
      windowSeconds: seconds,
      needs: (0..<windows).map { window in
        run.busyEngines(
          for: run.trace.requests(
            from: Double(window) * seconds, to: Double(window + 1) * seconds),
          seconds: seconds)
      })
  }

  /// The largest need of each component among the windows that are complete at `time` and ended
  /// within the `hold` seconds before it; empty while no window is complete.
  func largest(at time: Double, hold: Double) -> [Component: Double] {
    // A millionth of a window: a look at a window's very end sees it, whatever rounding says.
    let complete = min(needs.count, Int((time / windowSeconds + 1e-6).rounded(.down)))
    guard complete > 0 else { return [:] }
    let held = Int((hold / windowSeconds).rounded(.up))
    return needs[max(0, min(complete - 1, complete - held))..<complete].reduce(into: [:]) {
      $0.merge($1, uniquingKeysWith: max)
    }
  }
}

extension SimulationRun {
  /// Engines of each scaled component that some requests keep busy when they arrive within
  /// `seconds`.
  func busyEngines(for requests: Range<Int>, seconds: Double) -> [Component: Double] {
    var prefillSeconds = 0.0
    var tokens = 0.0
    var contexts = 0.0
    var reservations = 0.0
    for request in requests {
      let isl = trace.isl[request]
      let osl = Double(trace.osl[request])
      prefillSeconds += speed.prefillSeconds(isl: isl)
      tokens += osl - 1
      contexts += (osl - 1) * (Double(isl) + osl / 2)
      reservations += (osl - 1) * (Double(isl) + osl)
    }
    let prefill = prefillSeconds / seconds
    var decode = 0.0
    if tokens > 0 {
      let full = speed.sequences(
        withinITL: settings.targets.itlMilliseconds / 1000, meanContext: contexts / tokens,
        meanReservation: reservations / tokens, most: settings.cluster.maximumSequences)
      decode = tokens / seconds * full.stepSeconds / full.sequences
    }
    switch settings.cluster.mode {
    case .agg: return [.decode: prefill + decode]
    case .prefill: return [.prefill: prefill]
    case .decode: return [.decode: decode]
    case .disagg: return [.prefill: prefill, .decode: decode]
    }
  }
}
