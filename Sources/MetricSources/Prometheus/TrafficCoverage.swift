/// What is known of how the samples cover the intervals of a window.
struct TrafficCoverage {
  /// Which of the window's intervals the samples were read of; older ones have ``older``.
  let sampledEnds: [Int]
  /// The samples of the request counter, of all models; nil when a recording lacks them.
  let samples: Result<SampleAnswer, FetchFailure>?
  /// How many series have a gap at an end of each older interval; nil when there are none.
  var older: Result<RangeAnswer, FetchFailure>?
  /// Targets whose scrapes fail and whose samples the window lacks.
  private var failing: Set<FrontendFacts.Target> = []
  /// Those of them that served within the last hour: their requests are missing.
  private var lost: Set<FrontendFacts.Target> = []
  private let window: Int
  private let queries: TrafficQueries
  /// By model, where the results are grouped by it; under the empty name, where they are not.
  private var byModel: [String: IntervalCoverage] = [:]

  init(
    sampledEnds: [Int], samples: Result<SampleAnswer, FetchFailure>?, queries: TrafficQueries,
    intervalSeconds: Int
  ) {
    self.sampledEnds = sampledEnds
    self.samples = samples
    self.queries = queries
    window = intervalSeconds
    guard case .success(let answer)? = samples else { return }
    let counted = answer.series.filter(queries.counts)
    let groups =
      queries.groupLabels.isEmpty
      ? ["": counted] : Dictionary(grouping: counted) { $0.labels["model"] ?? "" }
    byModel = groups.mapValues {
      IntervalCoverage(counter: queries.counter, intervalSeconds: intervalSeconds, series: $0)
    }
  }

  /// Seconds between two scrapes, of any model; nil where nothing tells it.
  var scrapeSeconds: Double? { byModel.values.compactMap(\.scrapeSeconds).max() }

  /// What has to be asked to judge the intervals.
  var questions: FrontendFacts.Questions {
    byModel.values.map { $0.questions(sampledEnds) }.reduce(into: FrontendFacts.Questions()) {
      $0.hasExistedBefore = $0.hasExistedBefore || $1.hasExistedBefore
      $0.isStillScraped = $0.isStillScraped || $1.isStillScraped
    }
  }

  /// Whether it must be asked if targets whose scrapes fail are frontends of ours.
  var hasFailing: Bool { !failing.isEmpty }

  /// Takes the targets whose scrapes fail; those with samples are judged by them.
  mutating func setFailing(_ targets: Set<FrontendFacts.Target>) {
    guard case .success(let answer)? = samples, !targets.isEmpty else { return }
    failing = targets.subtracting(answer.series.map { FrontendFacts.Target($0.labels) })
  }

  /// Takes what targets served: of the failing ones only those are ours.
  mutating func setServed(
    hour: Set<FrontendFacts.Target>, day: Set<FrontendFacts.Target>
  ) {
    failing.formIntersection(day)
    lost = failing.intersection(hour)
  }

  /// Takes the answers to the ``questions``.
  mutating func add(_ facts: FrontendFacts) {
    for model in byModel.keys { byModel[model]?.facts = facts }
  }

  /// What keeps an interval from being known, and by how much its samples are late.
  struct Obstacle {
    let reason: String
    var lateSeconds: Double?
  }

  /// What keeps the interval from being known; nil when nothing does.
  func obstacle(_ index: Int, _ end: Int, model: String) -> Obstacle? {
    guard sampledEnds.contains(end) else { return olderObstacle(index, model: model) }
    switch samples {
    case nil: return nil
    case .failure(let failure)?:
      return failure.isRefusal
        ? nil
        : Obstacle(
          reason: "Whether the samples cover the interval could not be checked: "
            + failure.sentence)
    case .success?:
      if let target = lost.min() {
        return Obstacle(
          reason: "Incomplete: the scrapes of instance \(Excerpt.of(target.instance.utf8)) fail "
            + "(up is 0), and it served within the last hour, so its requests are not counted. Mend "
            + "its scraping, or take it from the scrape configuration if it is gone.")
      }
      switch byModel[model]?.verdict(end) {
      case .gap(let reason)?: return Obstacle(reason: reason)
      case .late(let reason, let seconds)?: return Obstacle(reason: reason, lateSeconds: seconds)
      case .whole?, nil: return nil
      }
    }
  }

  private func olderObstacle(_ index: Int, model: String) -> Obstacle? {
    guard case .success(let answer)? = older else { return nil }
    let text = answer.series.first { $0.labels["model"] ?? "" == model }?.texts[index]
    guard let text, let count = DecimalText.value(text), count > 0 else { return nil }
    return Obstacle(
      reason: "Incomplete: there is a gap in the samples of \(queries.counter) at an end of the "
        + "interval, so its increase would be counted too low.")
  }

  /// Why an interval with samples has no increase.
  func reasonWithoutIncrease(model: String?) -> String {
    let reason =
      "Prometheus has fewer than two samples of \(queries.counter) in the interval"
    guard let scrape = model.flatMap({ byModel[$0]?.scrapeSeconds }) ?? scrapeSeconds,
      2 * scrape > Double(window)
    else { return reason + "." }
    let seconds = Int(scrape.rounded())
    return reason + ": it scrapes about every \(seconds) s, and an interval of \(window) s needs "
      + "two scrapes. Set --adjustment-interval to at least \(2 * seconds) s, or scrape more often."
  }

  /// What a person should know.
  ///
  /// - Parameter now: Unix seconds of the own clock; nil where the answers are not of now.
  func warnings(now: Double?) -> [String] {
    switch samples {
    case nil: return []
    case .failure(let failure)?:
      return failure.isRefusal
        ? [
          "Whether the samples cover the intervals could not be checked, so late samples and gaps "
            + "would go unseen: \(failure.sentence)"
        ] : []
    case .success(let answer)?:
      return clockWarnings(answer, now) + [otherModels(answer), silentFrontends].compactMap { $0 }
    }
  }

  /// Frontends that can't be scraped for more than an hour: they may be gone.
  private var silentFrontends: String? {
    let silent = failing.subtracting(lost).sorted().map(\.instance)
    guard !silent.isEmpty else { return nil }
    return "The scrapes of frontends fail (up is 0) that served within the last day: instance "
      + "\(LabelList.text(silent)). Their requests, if there are any, are not counted."
  }

  // MARK: Clocks

  /// A difference that no queue or rounding explains, and that moves an interval noticeably.
  private static let noticeableSeconds = 5.0

  private func clockWarnings(_ answer: SampleAnswer, _ now: Double?) -> [String] {
    var warnings: [String] = []
    if let skew = answer.clockSkewSeconds, abs(skew) > Self.noticeableSeconds {
      warnings.append(
        "The clock of the Prometheus server is \(Int(abs(skew).rounded())) s "
          + "\(skew > 0 ? "ahead of" : "behind") this machine's; intervals end by this machine's "
          + "clock. Set both by the same time server.")
    }
    guard let now else { return warnings }
    for frontend in SampledFrontend.all(answer.series.filter(queries.counts)) {
      guard let newest = frontend.times.last, newest > now + Self.noticeableSeconds else {
        continue
      }
      warnings.append(
        "The newest sample of \(queries.counter)\(frontend.name.isEmpty ? "" : " of ")"
          + "\(frontend.name) is dated \(Int((newest - now).rounded())) s ahead of this machine's "
          + "clock, so its requests count in a later interval than they came in. Set both clocks by "
          + "the same time server.")
    }
    return warnings
  }

  // MARK: Other models

  /// Names the models that were served by the frontends of ours in the newest interval, with their
  /// share, when they matter.
  private func otherModels(_ answer: SampleAnswer) -> String? {
    guard queries.modelName != nil, queries.settings.source == .frontend,
      let end = sampledEnds.last.map(Double.init)
    else { return nil }
    let start = end - Double(window)
    let ours = answer.series.filter(queries.counts)
    let frontends = Set(SampledFrontend.all(ours).map(\.labels))
    let others = SampledFrontend.all(answer.series.filter { !queries.counts($0) })
      .filter { frontends.contains($0.labels) }.flatMap(\.series)
    let ourGrowth = ours.map { $0.growth(after: start, until: end) }.reduce(0, +)
    let growths = Dictionary(grouping: others) { $0.labels["model"] ?? "" }
      .mapValues { $0.map { $0.growth(after: start, until: end) }.reduce(0, +) }
      .filter { $0.value > 0 }
    let otherGrowth = growths.values.reduce(0, +)
    let share = otherGrowth / (otherGrowth + ourGrowth)
    guard share >= 0.01 else { return nil }
    let models = growths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    return "\(Int((100 * share).rounded())) % of the requests that the frontends served in the "
      + "newest interval were of other models, \(LabelList.text(models)), and are not counted. "
      + "Where the same workers serve them (adapters), name them too, as in --model-name "
      + "'\(queries.modelName ?? ""),\(models.first ?? "")'; * stands for anything."
  }
}

extension SampleAnswer.Series {
  /// How much the counter grew between two times, from the last sample before the first of them.
  fileprivate func growth(after start: Double, until end: Double) -> Double {
    let before = samples.last { $0.time <= start }
    let seen = (before.map { [$0] } ?? []) + samples.filter { $0.time > start && $0.time <= end }
    return zip(seen.dropFirst(), seen).map { after, before in
      let growth = after.value >= before.value ? after.value - before.value : after.value
      return growth.isFinite ? growth : 0
    }.reduce(0, +)
  }
}
