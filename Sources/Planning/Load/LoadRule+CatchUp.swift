/// What several samples agree on (``LoadCatchUp``).
extension LoadRule {
  /// Up to as many workers as bring the mean load to the threshold, down by one, where enough
  /// samples agree: of each sample's count, the one counts that as many samples as must agree
  /// reach.
  ///
  /// The loads are what waits for and is in work on the workers, so the backlog is in them. But
  /// what waits on one worker stays there, however many are added. So a worker counts with twice
  /// the threshold at most, which also bounds a step to doubling, and up to a tenth of the workers
  /// may still work off more than the others when one goes.
  ///
  /// - Parameter samples: each sample's workers, none empty.
  func decideCatchingUp(
    _ side: inout LoadSide, threshold: Double, samples: [[WorkerLoad]], ready: Int,
    _ catchUp: LoadCatchUp
  ) {
    let known = samples.map { $0.compactMap(\.load).filter { !$0.isNaN } }
      .filter { !$0.isEmpty }
    guard !known.isEmpty, ready > 0 else { return }
    let needed = catchUp.needed(of: known.count)
    let boundary = threshold * Double(ready - 1) / Double(ready) * sensitivity
    if ready > 1 { side.scaleDownBoundary = boundary }

    let counts = known.map { workersNeeded(loads: $0, threshold: threshold, ready: ready) }
    let agreed = counts.sorted(by: >)[needed - 1]
    let downs = known.count { loads in
      10 * loads.count { $0 >= boundary } <= loads.count
    }
    if agreed > ready {
      side.direction = .up
      side.reason = .scaleUp
      side.wanted = agreed
      side.agreement = SampleAgreement(
        agreeing: counts.count { $0 >= agreed }, samples: known.count, needed: needed)
    } else if ready > 1, downs >= needed {
      side.direction = .down
      side.reason = .scaleDown
      side.agreement = SampleAgreement(agreeing: downs, samples: known.count, needed: needed)
    } else {
      side.agreement = SampleAgreement(
        agreeing: max(downs, counts.count { $0 > ready }), samples: known.count, needed: needed)
    }
  }

  /// Overload, where enough samples show it; one replica more, since no load is known that would
  /// do.
  func isOverloaded(
    _ side: LoadSide, samples: [[WorkerLoad]], target: Double, medianLoad: Double?,
    _ catchUp: LoadCatchUp
  ) -> Bool {
    let overloaded = samples.count { loads in
      LoadSide(latency: side.latency, bound: side.bound, loads: loads)
        .isOverloaded(targetMilliseconds: target, medianLoad: medianLoad)
    }
    return overloaded >= catchUp.needed(of: samples.count)
  }

  private func workersNeeded(loads: [Double], threshold: Double, ready: Int) -> Int {
    let sum = loads.reduce(0) { $0 + min(max(0, $1), 2 * threshold) }
    let exact = Double(ready) * (sum / Double(loads.count) / threshold)
    // Rounding must not make a worker more out of a load that is the threshold.
    let most = ready > Int.max / 4 ? ready : 2 * ready
    return exact < Double(most) ? Int((exact - 1e-9).rounded(.up)) : most
  }
}
