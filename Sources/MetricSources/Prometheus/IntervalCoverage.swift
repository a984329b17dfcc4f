/// Whether the samples cover an interval: only then its increase is a measurement.
///
/// `increase` sees what lies between the first and the last sample of an interval and makes up for
/// what is missing at its ends only where that is hardly more than a scrape distance (1.1); for
/// longer gaps it adds half a distance. Samples that are 45 s late at an interval of 60 s make 29 %
/// of the truth of it, without a word.
///
/// A frontend covers an interval when its first and last sample there are near the interval's ends
/// (``tolerance(_:intervalSeconds:)``). Where one is not, it is no gap if
/// - its counters stood still meanwhile (whatever was missed is nothing),
/// - they began again meanwhile: it restarted,
/// - it began within the interval, or it is gone: what was scraped is all there was.
///
/// What can't be told from the samples are ``questions(_:)``, for which Prometheus is asked again.
struct IntervalCoverage {
  /// What was found of one interval.
  enum Verdict: Equatable {
    case whole
    /// Samples are missing that won't come any more.
    case gap(String)
    /// The newest samples are not there yet.
    case late(String, seconds: Double)
  }

  /// The counter, for messages.
  let counter: String
  let intervalSeconds: Double
  let frontends: [SampledFrontend]
  /// Seconds between two scrapes; nil when there are not even two samples.
  let scrapeSeconds: Double?
  /// The answers to the ``questions(_:)``.
  var facts = FrontendFacts()

  init(counter: String, intervalSeconds: Int, series: [SampleAnswer.Series]) {
    self.counter = counter
    self.intervalSeconds = Double(intervalSeconds)
    frontends = SampledFrontend.all(series)
    let distances = frontends.compactMap(\.scrapeSeconds).sorted()
    scrapeSeconds = distances.isEmpty ? nil : distances[distances.count / 2]
  }

  /// How far the first and the last sample may be from the interval's ends, in seconds.
  ///
  /// 1.1 scrape distances is what `increase` makes up for in whole. Beyond that up to two are
  /// tolerated as long as no more than a tenth of the interval is lost: 10 s of 180 s at a scrape
  /// every 5 s, 8.5 s of 60 s; but 16.5 s, no more than the 1.1, of 60 s at one every 15 s. Scrapes are never
  /// more regular than to a second.
  static func tolerance(_ scrapeSeconds: Double, intervalSeconds: Double) -> Double {
    max(1, 1.1 * scrapeSeconds, min(2 * scrapeSeconds, intervalSeconds / 10 + scrapeSeconds / 2))
  }

  private func tolerance(_ scrapeSeconds: Double) -> Double {
    Self.tolerance(scrapeSeconds, intervalSeconds: intervalSeconds)
  }

  /// What is known of the interval that ends at `end`.
  func verdict(_ end: Int) -> Verdict {
    var late: (frontend: SampledFrontend, seconds: Double)?
    for frontend in frontends {
      switch finding(frontend, Double(end)) {
      case .gap(let place): return .gap(gap(frontend, place))
      case .late(let seconds) where seconds > late?.seconds ?? 0: late = (frontend, seconds)
      case .isUnscraped:
        return .gap(gap(frontend, "at its end, where its scrapes fail"))
      case .couldNotAsk(let reason):
        return .gap("Whether the samples cover the interval could not be checked: \(reason)")
      default: break
      }
    }
    guard let late else { return .whole }
    return .late(lateness(late.frontend, late.seconds, Double(end)), seconds: late.seconds)
  }

  /// What the samples leave open of the intervals that end at `ends`.
  func questions(_ ends: [Int]) -> FrontendFacts.Questions {
    var questions = FrontendFacts.Questions()
    for end in ends {
      for frontend in frontends {
        switch finding(frontend, Double(end)) {
        case .began: questions.hasExistedBefore = true
        case .ended: questions.isStillScraped = true
        default: break
        }
      }
    }
    return questions
  }

  // MARK: One frontend

  private enum Finding {
    case whole
    /// Where samples are missing.
    case gap(String)
    case late(Double)
    /// Its first sample is in the middle of the interval, and there is none before: is it new?
    case began
    /// Its last sample is in the middle of the interval, others go on: is it gone?
    case ended
    case isUnscraped
    case couldNotAsk(String)
  }

  private func finding(_ frontend: SampledFrontend, _ end: Double) -> Finding {
    let start = end - intervalSeconds
    let before = frontend.times.last { $0 <= start }
    let after = frontend.times.first { $0 > end }
    let inside = frontend.times.filter { $0 > start && $0 <= end }
    guard let tolerance = (frontend.scrapeSeconds ?? scrapeSeconds).map(tolerance) else {
      return .whole
    }
    guard let first = inside.first, let last = inside.last else {
      guard let before else { return .whole }
      guard let after else { return ending(frontend, end) }
      return missed(frontend, before, after) ? .gap("") : .whole
    }
    if first - start > tolerance {
      let isGap = before.map { missed(frontend, $0, first) }
      if isGap == true { return .gap("in its first \(seconds(first - start))") }
      if isGap == nil, let finding = beginning(frontend, first, start) { return finding }
    }
    guard end - last > tolerance else { return .whole }
    guard let after else { return ending(frontend, end) }
    return missed(frontend, last, after) ? .gap("in its last \(seconds(end - last))") : .whole
  }

  /// Whether requests were counted between two samples.
  private func missed(_ frontend: SampledFrontend, _ start: Double, _ end: Double) -> Bool {
    if case .grew = frontend.growth(from: start, to: end) { true } else { false }
  }

  /// Of a frontend without a sample before the interval; nil when it is new.
  private func beginning(
    _ frontend: SampledFrontend, _ first: Double, _ start: Double
  ) -> Finding? {
    switch facts.earlier {
    case nil: return .began
    case .failure(let failure)?: return .couldNotAsk(failure.sentence)
    case .success(let earlier)?:
      var known = false
      for series in frontend.series {
        guard let value = earlier[series.labels.withoutName] else { continue }
        known = true
        guard let now = series.samples.first(where: { $0.time >= first })?.value else { continue }
        if now < value { return nil }
        if now > value { return .gap("in its first \(seconds(first - start))") }
      }
      return known ? .whole : nil
    }
  }

  /// Of a frontend whose newest sample lies too far before the interval's end.
  private func ending(_ frontend: SampledFrontend, _ end: Double) -> Finding {
    let last = frontend.times.last ?? end
    let late = Finding.late(end - last)
    let newest = frontends.compactMap { $0.times.last }.max() ?? last
    // Nobody's samples are newer: Prometheus itself has nothing yet.
    guard newest > end - (scrapeSeconds.map(tolerance) ?? 0) else { return late }
    switch facts.scraped {
    case nil: return .ended
    case .failure(let failure)?: return .couldNotAsk(failure.sentence)
    case .success(let scraped)?:
      let target = [frontend.labels["job"], frontend.labels["instance"]]
      if scraped.isEmpty || target.contains(nil) {
        return isReplaced(frontend, newest) ? .whole : late
      }
      guard let isUp = scraped[FrontendFacts.Target(frontend.labels)] else { return .whole }
      return isUp ? late : .isUnscraped
    }
  }

  /// Whether a frontend is gone, where `up` is not kept: another one began after its last sample, or
  /// it has been silent for longer than samples are late. Two minutes are more than a remote write
  /// waits between two tries.
  private func isReplaced(_ frontend: SampledFrontend, _ newest: Double) -> Bool {
    guard let last = frontend.times.last else { return true }
    let reach = 2 * (frontend.scrapeSeconds ?? scrapeSeconds ?? 0)
    // One whose samples begin where all do may have begun long before.
    let oldest = frontends.compactMap { $0.times.first }.min() ?? last
    let hasSuccessor = frontends.contains { other in
      guard let first = other.times.first, let end = other.times.last else { return false }
      return first > max(oldest, last - 2 * reach) + reach && end > newest - reach
    }
    return hasSuccessor || newest - last >= max(intervalSeconds, 120)
  }

  // MARK: Sentences

  private func gap(_ frontend: SampledFrontend, _ place: String) -> String {
    "Incomplete: Prometheus has no sample of \(counter)\(of(frontend)) from the interval"
      + (place.isEmpty ? "" : ", \(place)") + rhythm(frontend)
      + ", so its increase would be counted too low."
  }

  private func lateness(_ frontend: SampledFrontend, _ late: Double, _ end: Double) -> String {
    "Incomplete: the newest sample of \(counter)\(of(frontend)) is \(seconds(late)) older than the "
      + "interval's end" + rhythm(frontend)
      + ", so its increase would be counted too low; it is asked for again. Where samples always "
      + "come late, name by how much with --settle."
  }

  private func of(_ frontend: SampledFrontend) -> String {
    frontends.count > 1 && !frontend.name.isEmpty ? " of \(frontend.name)" : ""
  }

  private func rhythm(_ frontend: SampledFrontend) -> String {
    (frontend.scrapeSeconds ?? scrapeSeconds).map { " (scraped about every \(seconds($0)))" } ?? ""
  }

  private func seconds(_ seconds: Double) -> String {
    seconds < 10 && seconds != seconds.rounded()
      ? "\((seconds * 10).rounded() / 10) s" : "\(Int(seconds.rounded())) s"
  }
}

extension [String: String] {
  /// A metric's labels as `last_over_time` leaves them.
  var withoutName: Self { filter { $0.key != "__name__" } }
}
