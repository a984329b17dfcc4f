import Planning

extension WorkerGauges {
  /// Merges the series of one worker, one or more for each of its data-parallel ranks.
  ///
  /// - Parameter refused: takes the gauges that are negative or not finite on any rank.
  init(merging ranks: [RouterPage.Series], of component: Component, refused: inout NamedCases) {
    let workerID = ranks.first?.workerID ?? ""
    func refuse(_ gauge: RouterGauge, _ value: Double) {
      refused.add("\(gauge.name) = \(value) of \(component) worker \(Excerpt.of(workerID.utf8))")
    }

    func total(_ gauge: RouterGauge) -> Double? {
      var total: Double?
      for rank in ranks {
        guard let value = rank[gauge] else { continue }
        let sum = (total ?? 0) + value
        guard value >= 0, sum.isFinite else {
          refuse(gauge, value)
          return nil
        }
        total = sum
      }
      return total
    }

    func mean(
      _ gauge: RouterGauge, times unit: Double = 1, weighedBy load: RouterGauge
    ) -> Double? {
      var weighted = (sum: 0.0, weight: 0.0)
      var plain = (sum: 0.0, count: 0.0)
      for rank in ranks {
        guard let value = rank[gauge] else { continue }
        let scaled = value * unit
        guard scaled >= 0, scaled.isFinite else {
          refuse(gauge, value)
          return nil
        }
        let weight = rank[load].map { $0 > 0 && $0.isFinite ? $0 : 0 } ?? 0
        weighted = (weighted.sum + weight * scaled, weighted.weight + weight)
        plain = (plain.sum + scaled, plain.count + 1)
      }
      guard plain.count > 1 else { return plain.count > 0 ? plain.sum : nil }
      let mean = weighted.weight > 0 ? weighted.sum / weighted.weight : plain.sum / plain.count
      guard mean.isFinite else {
        refuse(gauge, mean)
        return nil
      }
      return mean
    }

    func readings(_ gauge: RouterGauge) -> [Double?]? {
      guard ranks.count > 1 else { return nil }
      let readings = ranks.map { rank in
        rank[gauge].map { $0 * 1000 }.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
      }
      return readings.contains { $0 != nil } ? readings : nil
    }

    self.init(
      workerID: workerID, component: component,
      activePrefillTokens: total(.activePrefillTokens),
      activeDecodeBlocks: total(.activeDecodeBlocks),
      lastTTFTMilliseconds: mean(
        .lastTTFTSeconds, times: 1000, weighedBy: .activePrefillTokens),
      lastISL: mean(.lastISL, weighedBy: .activePrefillTokens),
      lastITLMilliseconds: mean(.lastITLSeconds, times: 1000, weighedBy: .activeDecodeBlocks),
      rankTTFTMilliseconds: readings(.lastTTFTSeconds),
      rankITLMilliseconds: readings(.lastITLSeconds))
  }
}

extension RouterPage.Series {
  /// The value of a gauge as it stands on the page.
  fileprivate subscript(gauge: RouterGauge) -> Double? {
    switch gauge {
    case .activePrefillTokens: activePrefillTokens
    case .activeDecodeBlocks: activeDecodeBlocks
    case .lastTTFTSeconds: lastTTFTSeconds
    case .lastISL: lastISL
    case .lastITLSeconds: lastITLSeconds
    }
  }
}
