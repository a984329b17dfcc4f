import Planning

/// Turns Prometheus's answers about arrivals into numbers, or into the reason why there is none.
struct DemandAssembly {
  let queries: DemandQueries
  let answers: [DemandMeasure: Result<RangeAnswer, FetchFailure>]
  /// How many intervals the window has.
  let intervals: Int

  /// What is known of the interval at `index`, of one model (empty where results aren't grouped).
  func demand(_ index: Int, model: String) -> IntervalDemand {
    var demand = IntervalDemand()
    switch answers[.arrivals] {
    case .success(let answer):
      let parts = parts(answer, index, model)
      demand.inFlight = parts[DemandQueries.Part.inFlight.rawValue]
      demand.queued = parts[DemandQueries.Part.queued.rawValue]
      (demand.arrivals, demand.reason) = arrivals(parts)
      demand.arrivals?.indexOfDispersion = indexOfDispersion(index, model)
    case .failure(let failure): demand.reason = failure.sentence
    case nil: demand.reason = "this source doesn't tell them"
    }
    for measure in queries.measures where measure.histogramOf != nil {
      demand.histograms[measure] = histogram(measure, index, model)
    }
    return demand
  }

  // MARK: Arrivals

  private func arrivals(_ parts: [String: Double]) -> (Arrivals?, reason: String?) {
    func value(_ part: DemandQueries.Part) -> Double? { parts[part.rawValue] }
    let completed = value(.completed) ?? 0
    guard value(.completed) != nil || value(.after) != nil else {
      guard let started = value(.started) else {
        return (nil, "there is neither a counter of starts nor a gauge of requests in flight")
      }
      return (Arrivals(count: max(0, started - (value(.refused) ?? 0)), basis: .started), nil)
    }
    guard let after = value(.after) else {
      return (nil, "there is no gauge of the requests in flight at the interval's end")
    }
    guard value(.earlier) != nil else {
      return (nil, "there is no gauge of the requests in flight at the interval's start")
    }
    let counted = max(0, (value(.started) ?? 0) - (value(.refused) ?? 0))
    let derived = max(0, completed + after - (value(.before) ?? 0))
    return (Arrivals(count: counted + derived, basis: .completedAndInFlight), nil)
  }

  /// Variance over mean of the counts in equal parts of the interval, from the finest division
  /// that the scrapes resolve; nil when none has two samples a part, or some part is not known.
  ///
  /// `increase` over a part with m samples sees (m − 1)/m of it and scales that up, which for
  /// arrivals that are independent from one scrape to the next raises the variance by m/(m − 1).
  private func indexOfDispersion(_ index: Int, _ model: String) -> Double? {
    guard case .success(let answer)? = answers[.dispersion],
      let position = position(index, of: .dispersion)
    else { return nil }
    let parts = parts(answer, position, model)
    guard let samples = parts["samples"] else { return nil }
    for division in queries.divisions {
      let perPart = samples / Double(division)
      // Samples come a little early or late: 1.9 is two with one lost now and then.
      let needed = division == queries.divisions.last ? 1.9 : 2.9
      guard perPart >= needed, let variance = parts["stdvar-\(division)"],
        let mean = parts["avg-\(division)"], let count = parts["count-\(division)"],
        count >= Double(division), mean > 0
      else { continue }
      let index = variance * count / (count - 1) / mean * (perPart - 1) / perPart
      return index.isFinite && index >= 0 ? index : nil
    }
    return nil
  }

  // MARK: Histograms

  private func histogram(_ measure: DemandMeasure, _ index: Int, _ model: String)
    -> BucketCounts?
  {
    guard case .success(let answer)? = answers[measure],
      let position = position(index, of: measure)
    else { return nil }
    let scale = measure == .timeToFirstToken || measure == .interTokenLatency ? 1000.0 : 1
    guard var histogram = BucketCounts(answer, at: position, model: model, times: scale) else {
      return nil
    }
    if measure == .outputLength, queries.traffic.countsLegs {
      histogram.counts = Self.withoutPrefillLegs(histogram.counts, bounds: histogram.upperBounds)
    }
    return histogram
  }

  /// Half of the router's legs are prefill legs, which ask for one token.
  private static func withoutPrefillLegs(_ counts: [Double], bounds: [Double]) -> [Double] {
    var counts = counts
    let one = bounds.firstIndex { $0 >= 1 } ?? bounds.count
    counts[one] = BucketCounts.hundredths(max(0, counts[one] - counts.reduce(0, +) / 2))
    return counts
  }

  // MARK: Pieces

  /// Where the interval at `index` of the window is in the answer of `measure`; nil when it was not
  /// asked for.
  private func position(_ index: Int, of measure: DemandMeasure) -> Int? {
    let skipped = max(0, intervals - measure.newestIntervals)
    return index >= skipped ? index - skipped : nil
  }

  /// The finite values of one model by part; a negative or strange one is missing.
  private func parts(_ answer: RangeAnswer, _ position: Int, _ model: String) -> [String: Double] {
    var parts: [String: Double] = [:]
    for series in answer.series where series.labels["model"] ?? "" == model {
      guard let part = series.labels[DemandQueries.partLabel], let text = series.texts[position],
        let value = DecimalText.value(text), value.isFinite, value >= 0
      else { continue }
      parts[part] = value
    }
    return parts
  }
}
