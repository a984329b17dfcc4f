/// The PromQL behind each measure.
///
/// Frontends: requests are the increase of the request counter without what was refused; means
/// are request-weighted over all series, Σ increase(sum) / Σ increase(count).
///
/// Router: it counts *legs*. In disaggregated serving a request has a prefill and a decode leg,
/// so its counters grow by two a request. Releases that label the input length with `phase`
/// (1.6.1) tell the legs apart, and requests are the decode (or aggregated) legs; for others
/// (1.0.0) half of all legs is taken. The prefill leg asks for one token, so the mean output
/// length over both legs is (OSL + 1) / 2; see ``requestMean(_:fromLegs:)``. Both legs have the
/// same input length and nearly the same time to first token.
struct TrafficQueries {
  /// Which counters, whose.
  let settings: PrometheusSettings
  /// The models to count (``ModelNames``); nil groups by model, to find out whether there is only one.
  let modelName: String?

  /// The measures that this source has.
  var measures: [TrafficMeasure] {
    TrafficMeasure.allCases.filter { settings.source == .frontend || $0 != .requestDuration }
  }

  /// The name of the request counter.
  var counter: String { prefix + "requests_total" }

  /// The query for one measure over intervals of `seconds`.
  func text(for measure: TrafficMeasure, seconds: Int) -> String {
    guard let histogram = measure.histogram else {
      return measure == .requests
        ? requests(seconds)
        : "count\(grouping) (count_over_time(\(counterSelector)[\(Self.reach(seconds))s]))"
    }
    let decodeLegs = measure == .inputLength && countsLegs ? [#"phase!="prefill""#] : []
    let selector = selector(decodeLegs)
    return increase("\(prefix)\(histogram)_sum\(selector)", seconds) + " / "
      + increase("\(prefix)\(histogram)_count\(selector)", seconds)
  }

  /// The query that lists the label values there are, over `seconds`.
  func labelListing(seconds: Int) -> String {
    let labels = settings.source == .frontend ? "model, dynamo_namespace" : "dynamo_namespace"
    let selector = settings.source == .frontend ? "{\(Self.notRefused)}" : ""
    return "count by (\(labels)) (count_over_time(\(counter)\(selector)[\(seconds)s]))"
  }

  /// The selector of the request counter's series, of all models: other models' requests on the same
  /// frontends are told of.
  var samplesSelector: String {
    TrafficQueries(settings: settings, modelName: nil).counterSelector
  }

  /// Whether a series of ``samplesSelector`` is of a model that counts.
  func counts(_ series: SampleAnswer.Series) -> Bool {
    guard settings.source == .frontend, let modelName else { return true }
    return ModelNames(modelName).matches(series.labels["model"] ?? "")
  }

  /// How many series of the request counter have samples on both sides of an interval's end, but
  /// none within `tolerance` seconds inside it, evaluated `reach` seconds after its end. Series that
  /// stood still or began again meanwhile lack nothing.
  func gaps(seconds: Int, reach: Int, tolerance: Int) -> String {
    func samples(_ length: Int, until offset: Int) -> String {
      let offset = offset > 0 ? " offset \(offset)s" : ""
      return "count_over_time(\(counterSelector)[\(length)s]\(offset))"
    }
    let start = seconds + reach
    let inside = samples(seconds, until: reach)
    let head =
      "\(inside) and \(samples(reach, until: start)) unless "
      + samples(tolerance, until: start - tolerance)
    let tail =
      "\(inside) and \(samples(reach, until: 0)) unless \(samples(tolerance, until: reach))"
    let around = "\(counterSelector)[\(seconds + 2 * reach)s]"
    return "count\(grouping) ((\(head) or \(tail)) and increase(\(around)) > 0 "
      + "unless resets(\(around)) > 0)"
  }

  /// How far back the newest sample may be, in whole seconds: half an interval, or 65 s for
  /// short intervals (a scrape a minute is common).
  static func reach(_ seconds: Int) -> Int { max(seconds - seconds / 2, 65) }

  /// The mean over requests that belongs to a mean over the router's legs.
  func requestMean(_ measure: TrafficMeasure, fromLegs mean: Double) -> Double {
    measure == .outputLength && countsLegs ? 2 * mean - 1 : mean
  }

  /// Whether counters grow by two a request.
  var countsLegs: Bool { settings.source == .router && settings.isDisaggregated }

  /// How the names of this source's metrics begin.
  var prefix: String {
    settings.source == .frontend ? "dynamo_frontend_" : "dynamo_component_router_"
  }

  /// The labels that results are grouped by, besides others; the router's counters carry no model.
  var groupLabels: [String] {
    modelName == nil && settings.source == .frontend ? ["model"] : []
  }

  private var grouping: String {
    groupLabels.isEmpty ? "" : " by (\(groupLabels.joined(separator: ", ")))"
  }

  private func increase(_ selector: String, _ seconds: Int) -> String {
    "sum\(grouping) (increase(\(selector)[\(seconds)s]))"
  }

  private func requests(_ seconds: Int) -> String {
    let all = increase(counterSelector, seconds)
    guard countsLegs else { return all }
    let legs = "\(prefix)input_sequence_tokens_count" + selector([#"phase=~"decode|aggregated""#])
    return "\(increase(legs, seconds)) or \(all) / 2"
  }

  static let notRefused = #"error_type!~"validation|not_found""#

  /// The selector of the request counter's series that count.
  var counterSelector: String {
    counter + selector(settings.source == .frontend ? [Self.notRefused] : [])
  }

  /// Label matchers. Prometheus anchors regular expressions, and one that matches the empty text
  /// also matches series without the label.
  func selector(_ extra: [String] = []) -> String {
    var matchers: [String] = []
    if let modelName {
      let pattern = ModelNames(modelName).pattern
      let absent = settings.source == .router ? "|" : ""
      matchers.append("model=~\(PromQL.literal(absent + pattern))")
    }
    if let pattern = DynamoNamespace(name: settings.dynamoNamespace).pattern {
      matchers.append("dynamo_namespace=~\(PromQL.literal("|" + pattern))")
    }
    matchers += extra
    return matchers.isEmpty ? "" : "{\(matchers.joined(separator: ","))}"
  }
}
