/// The PromQL behind arrivals, gauges and histograms.
///
/// **Frontends.** Where a frontend counts requests as they start (1.6.1), arrivals are the increase
/// of that counter less what was refused. Others (1.0.0) are told apart series by series, so that
/// both may run side by side: there arrivals are the requests completed plus the change of those in
/// flight. `inflight_requests` contains the queued ones (captures: 579 started, 492 completed and
/// 507 with a first token leave 87 in flight, 72 of them queued; on 1.6.1 started − completed is in
/// flight to the request), so `queued_requests` is not added. A frontend that restarted, told by
/// the reset of a counter, or that is gone at the end, lost what it had in flight without
/// completing it; that is taken to be as much as it had at the interval's start.
///
/// **Router.** It counts the input length of a leg when it routes it, so the prefill (or
/// aggregated) legs' count is the number of arrivals. Releases that don't label the phase (1.0.0)
/// tell it only for aggregated serving. The router has no gauge of requests in flight.
struct DemandQueries {
  /// Selectors and grouping are the same as for the other measures.
  let traffic: TrafficQueries
  /// Length of an interval.
  let seconds: Int

  /// Parts of one answer, told apart by a label of this name.
  static let partLabel = "part"

  /// What the answer for arrivals consists of.
  enum Part: String, CaseIterable {
    /// Requests started, refused ones among them.
    case started
    /// Requests refused by frontends that count starts.
    case refused
    /// Requests completed by frontends that don't count starts.
    case completed
    /// In flight at the end.
    case inFlight = "in-flight"
    /// Without a first token at the end.
    case queued
    /// In flight at the end, of frontends that don't count starts.
    case after
    /// In flight at the start, of those of them that have not restarted and are still there.
    case before
    /// In flight at the start, of any: tells that frontends were scraped then.
    case earlier
  }

  /// Into how many parts an interval is divided to see how unevenly requests arrive, the best
  /// first. Fewer than six counts tell nothing of a variance.
  static let divisions = [12, 6]

  /// The divisions that this interval has whole seconds for.
  var divisions: [Int] { Self.divisions.filter { seconds % $0 == 0 && seconds / $0 >= 2 } }

  /// The measures that this source has.
  var measures: [DemandMeasure] {
    DemandMeasure.allCases.filter { $0 != .dispersion || !divisions.isEmpty }
  }

  /// The query for one measure.
  func text(for measure: DemandMeasure) -> String {
    switch measure {
    case .arrivals: arrivalParts
    case .dispersion: dispersion
    default: buckets(of: measure.histogramOf?.histogram ?? "", measure)
    }
  }

  // MARK: Arrivals

  /// The series that grow with each arrival.
  private var arrivals: String {
    guard traffic.settings.source == .router else {
      return "\(traffic.prefix)requests_started_total\(traffic.selector())"
    }
    let legs = traffic.countsLegs ? [#"phase=~"prefill|aggregated""#] : []
    return "\(traffic.prefix)input_sequence_tokens_count\(traffic.selector(legs))"
  }

  private var arrivalParts: String {
    let started = "increase(\(arrivals)[\(seconds)s])"
    guard traffic.settings.source == .frontend else { return sum(.started, started) }
    func requests(_ refusal: String) -> String {
      "increase(\(traffic.counter)\(traffic.selector([refusal]))[\(seconds)s])"
    }
    let reach = TrafficQueries.reach(seconds)
    func gauge(_ name: String, offset: String = "") -> String {
      "last_over_time(\(traffic.prefix)\(name)\(traffic.selector())[\(reach)s]\(offset))"
    }
    let inFlight = gauge("inflight_requests")
    let earlier = gauge("inflight_requests", offset: " offset \(seconds)s")
    let older = "\(inFlight) unless ignoring(endpoint, request_type) \(started)"
    // It has the labels of the gauge, so that series match one to one.
    let counter = "\(traffic.prefix)input_sequence_tokens_count\(traffic.selector())"
    return [
      sum(.started, started),
      sum(.refused, requests(Self.refused) + " and ignoring(error_type, status) \(started)"),
      sum(
        .completed,
        requests(TrafficQueries.notRefused) + " unless ignoring(error_type, status) \(started)"),
      sum(.inFlight, inFlight),
      sum(.queued, gauge("queued_requests")),
      sum(.after, older),
      sum(.before, "\(earlier) and (\(older)) unless (resets(\(counter)[\(seconds)s]) > 0)"),
      sum(.earlier, earlier),
    ].joined(separator: " or ")
  }

  private static let refused = #"error_type=~"validation|not_found""#

  // MARK: Dispersion

  /// Variance, mean and number of the counts in equal parts of the interval, and how many samples
  /// the interval has. `increase` sees about one sample's distance less than a part and makes up
  /// for it, which ``DemandAssembly`` takes into account.
  private var dispersion: String {
    let parts = divisions.map { division in
      let part = seconds / division
      // One second less: the part that ends where the interval begins is not its own.
      let counts =
        "(\(aggregate("sum", "increase(\(arrivals)[\(part)s])")))[\(seconds - 1)s:\(part)s]"
      return ["stdvar", "avg", "count"].map { statistic in
        label("\(statistic)_over_time(\(counts))", "\(statistic)-\(division)")
      }
    }
    let samples = aggregate("max", "count_over_time(\(arrivals)[\(seconds)s])")
    return (parts.flatMap { $0 } + [label(samples, "samples")]).joined(separator: " or ")
  }

  // MARK: Histograms

  private func buckets(of histogram: String, _ measure: DemandMeasure) -> String {
    let legs = measure == .inputLength && traffic.countsLegs ? [#"phase!="prefill""#] : []
    let series = "\(traffic.prefix)\(histogram)_bucket\(traffic.selector(legs))"
    return aggregate("sum", "increase(\(series)[\(seconds)s])", ["le"])
  }

  // MARK: Pieces

  private func sum(_ part: Part, _ expression: String) -> String {
    label(aggregate("sum", expression), part.rawValue)
  }

  private func aggregate(_ operation: String, _ expression: String, _ labels: [String] = [])
    -> String
  {
    let labels = labels + traffic.groupLabels
    return operation + (labels.isEmpty ? "" : " by (\(labels.joined(separator: ", ")))")
      + " (\(expression))"
  }

  private func label(_ expression: String, _ part: String) -> String {
    "label_replace(\(expression), \"\(Self.partLabel)\", \"\(part)\", \"model\", \".*\")"
  }
}
