/// What Prometheus said of frontends whose samples begin or end within an interval.
struct FrontendFacts {
  /// A target of the scraping, as `up` names it.
  struct Target: Hashable, Comparable {
    let job: String
    let instance: String

    init(_ labels: [String: String]) {
      job = labels["job"] ?? ""
      instance = labels["instance"] ?? ""
    }

    /// Whether a label is missing, so that it names nothing.
    var isVague: Bool { job.isEmpty || instance.isEmpty }

    static func < (left: Target, right: Target) -> Bool {
      (left.instance, left.job) < (right.instance, right.job)
    }
  }

  /// Which targets' last scrapes failed, of whatever they are.
  static let failingQuery = "up == 0"

  /// Which targets had the counters in the last `hours`.
  static func servedQuery(_ selector: String, hours: Int) -> String {
    "count by (job, instance) (last_over_time(\(selector)[\(hours)h]))"
  }

  /// What has to be asked.
  struct Questions: Equatable {
    /// Which counters there were before the samples read.
    var hasExistedBefore = false
    /// Which frontends are still scraped.
    var isStillScraped = false
  }

  /// Whether the last scrape of each target worked; targets that are gone are missing, and all are
  /// where Prometheus does not keep `up`. Nil when not asked.
  var scraped: Result<[Target: Bool], FetchFailure>?
  /// The last values of counters in the day before the samples read, by labels. Nil when not asked.
  var earlier: Result<[[String: String]: Double], FetchFailure>?

  /// The query behind ``scraped``.
  ///
  /// - Parameter seconds: how far back the counters were seen.
  static func scrapedQuery(_ selector: String, seconds: Int) -> String {
    "up and on (job, instance) count_over_time(\(selector)[\(seconds)s])"
  }

  /// The query behind ``earlier``.
  static func earlierQuery(_ selector: String) -> String { "last_over_time(\(selector)[1d])" }
}
