import Testing

@testable import MetricSources

@Suite("Samples that cover an interval")
struct IntervalCoverageTests {
  /// A multiple of every interval's length used here.
  static let end = 1_700_000_640

  /// A frontend that counts 10 requests a second, as a Prometheus stored it. Times are seconds from
  /// ``end``.
  struct Frontend {
    var name = "a"
    var scrape = 5
    var phase = 0
    var from = -400
    var to = 0
    var gap: ClosedRange<Int>?
    /// When it stands still.
    var idle: ClosedRange<Int>?
    var restart: Int?
    /// What it had counted before ``from``.
    var counted = 1_000_000.0
    var labels: [String: String] = [:]

    var series: SampleAnswer.Series {
      var samples: [SampleAnswer.Sample] = []
      var value = counted
      for second in from...max(from, to) {
        if second == restart { value = 0 }
        if idle?.contains(second) != true { value += 10 }
        let isScraped = (second - phase) % scrape == 0 && gap?.contains(second) != true
        if isScraped {
          samples.append(.init(time: Double(IntervalCoverageTests.end + second), value: value))
        }
      }
      let own = ["instance": name, "job": "frontend", "model": "m", "status": "success"]
      return SampleAnswer.Series(
        labels: own.merging(labels) { $1 }.filter { !$0.value.isEmpty }, samples: samples)
    }
  }

  private func coverage(_ frontends: [Frontend], interval: Int = 60) -> IntervalCoverage {
    IntervalCoverage(
      counter: "requests_total", intervalSeconds: interval, series: frontends.map(\.series))
  }

  private func lateness(_ verdict: IntervalCoverage.Verdict) -> Double? {
    if case .late(_, let seconds) = verdict { seconds } else { nil }
  }

  private func reason(_ verdict: IntervalCoverage.Verdict) -> String {
    switch verdict {
    case .whole: ""
    case .gap(let reason), .late(let reason, _): reason
    }
  }

  @Test("of a healthy scraping are enough, at any phase", arguments: [5, 15, 30, 60], [60, 180])
  func healthy(_ scrape: Int, _ interval: Int) {
    for phase in 0..<scrape {
      for to in [0, 2, 65] {
        let coverage = coverage(
          [Frontend(scrape: scrape, phase: phase, to: to)], interval: interval)
        #expect(coverage.verdict(Self.end) == .whole, "phase \(phase)")
        #expect(coverage.questions([Self.end]) == FrontendFacts.Questions())
      }
    }
  }

  @Test(
    "that are late make it unknown for now, named by how much",
    arguments: [
      (5, 60, 20), (5, 60, 45), (15, 60, 20), (15, 60, 45), (30, 60, 45), (5, 180, 20),
      (5, 180, 85), (15, 180, 45), (15, 180, 85), (30, 180, 85), (60, 180, 85),
    ])
  func late(_ scrape: Int, _ interval: Int, _ lag: Int) {
    for phase in 0..<scrape {
      let verdict = coverage(
        [Frontend(scrape: scrape, phase: phase, to: -lag)], interval: interval
      ).verdict(Self.end)
      #expect(lateness(verdict).map { $0 >= Double(lag) } == true, "phase \(phase): \(verdict)")
      #expect(reason(verdict).contains("--settle"))
    }
  }

  @Test("that come after all make it whole")
  func laterOn() {
    #expect(lateness(coverage([Frontend(to: -45)]).verdict(Self.end)) == 45)
    #expect(coverage([Frontend(to: 17)]).verdict(Self.end) == .whole)
    // The interval before is whole all the time.
    #expect(coverage([Frontend(to: -45)]).verdict(Self.end - 60) == .whole)
  }

  @Test("with a gap at an end make it unknown, with one in the middle they don't")
  func gaps() {
    func verdict(_ gap: ClosedRange<Int>, _ interval: Int = 60) -> IntervalCoverage.Verdict {
      coverage([Frontend(to: 60, gap: gap)], interval: interval).verdict(Self.end)
    }
    #expect(
      verdict(-70 ... -36)
        == .gap(
          "Incomplete: Prometheus has no sample of requests_total from the interval, in its first "
            + "25 s (scraped about every 5 s), so its increase would be counted too low."))
    #expect(reason(verdict(-20...10)).contains("in its last 25 s"))
    #expect(reason(verdict(-100...20)).hasPrefix("Incomplete"))
    #expect(verdict(-45 ... -15) == .whole)
    #expect(reason(verdict(-190 ... -106, 180)).contains("in its first 75 s"))
    #expect(verdict(-150 ... -30, 180) == .whole)
    // One lost scrape of 36 is a hundredth of the interval.
    #expect(verdict(-4...4, 180) == .whole)
  }

  @Test("with a gap in which nothing was counted lack nothing")
  func idleGaps() {
    for gap in [-70 ... -36, -20...10, -100...20] {
      let frontend = Frontend(to: 60, gap: gap, idle: -200...60)
      #expect(coverage([frontend]).verdict(Self.end) == .whole)
    }
    // But the future is not known to be idle.
    let late = coverage([Frontend(to: -45, idle: -200...60)]).verdict(Self.end)
    #expect(lateness(late) == 45)
  }

  @Test("of a frontend that restarted within the gap lack nothing")
  func restarts() {
    for (gap, restart) in [(-70 ... -36, -50), (-20...10, 0), (-100...20, 0)] {
      let frontend = Frontend(to: 60, gap: gap, restart: restart)
      #expect(coverage([frontend]).verdict(Self.end) == .whole)
    }
    #expect(coverage([Frontend(to: 60, restart: -30)]).verdict(Self.end) == .whole)
  }

  @Test("of a frontend that is new are told from a gap by what it had counted the day before")
  func beginnings() {
    let new = Frontend(name: "b", from: -30, counted: 0)
    for frontends in [[new], [Frontend(), new]] {
      var coverage = coverage(frontends)
      #expect(coverage.questions([Self.end]).hasExistedBefore)
      #expect(!coverage.questions([Self.end]).isStillScraped)
      coverage.facts.earlier = .success([:])
      #expect(coverage.verdict(Self.end) == .whole)
      coverage.facts.earlier = .success([new.series.labels: 90])
      #expect(coverage.verdict(Self.end) == .whole, "it restarted")
      coverage.facts.earlier = .success([new.series.labels: 5])
      #expect(reason(coverage.verdict(Self.end)).contains("in its first 30 s"))
      coverage.facts.earlier = .failure(FetchFailure(sentence: "Busy."))
      #expect(reason(coverage.verdict(Self.end)).contains("could not be checked: Busy."))
    }
  }

  @Test("of a frontend that is gone are told from late ones by whether it is still scraped")
  func endings() {
    let old = Frontend(name: "b", to: -40)
    let target = FrontendFacts.Target(old.series.labels)
    let others = FrontendFacts.Target(["job": "frontend", "instance": "a"])
    var coverage = coverage([Frontend(), old])
    #expect(coverage.questions([Self.end]).isStillScraped)
    coverage.facts.scraped = .success([others: true])
    #expect(coverage.verdict(Self.end) == .whole)
    coverage.facts.scraped = .success([others: true, target: true])
    #expect(lateness(coverage.verdict(Self.end)) == 40)
    #expect(reason(coverage.verdict(Self.end)).contains("of instance 'b' is 40 s older"))
    coverage.facts.scraped = .success([others: true, target: false])
    #expect(reason(coverage.verdict(Self.end)).contains("its scrapes fail"))
    coverage.facts.scraped = .failure(FetchFailure(sentence: "Busy."))
    #expect(reason(coverage.verdict(Self.end)).contains("could not be checked: Busy."))
  }

  @Test("of a frontend that is gone, where Prometheus does not tell what it scrapes")
  func endingsWithoutTargets() {
    func verdict(_ frontends: [Frontend], interval: Int = 60) -> IntervalCoverage.Verdict {
      var coverage = coverage(frontends, interval: interval)
      coverage.facts.scraped = .success([:])
      return coverage.verdict(Self.end)
    }
    let old = Frontend(name: "b", to: -40)
    #expect(lateness(verdict([Frontend(), old])) == 40)
    for start in [-35, -42] {
      let successor = Frontend(name: "c", from: start, counted: 0)
      #expect(lateness(verdict([Frontend(), old])) == 40)
      var coverage = coverage([Frontend(), old, successor])
      coverage.facts = FrontendFacts(scraped: .success([:]), earlier: .success([:]))
      #expect(coverage.verdict(Self.end) == .whole)
    }
    #expect(lateness(verdict([Frontend(), Frontend(name: "b", to: -115)])) == 115)
    #expect(verdict([Frontend(), Frontend(name: "b", to: -125)]) == .whole)
  }

  @Test("need not have a series of each outcome: rare ones begin late on a page that goes on")
  func rareOutcomes() {
    let rare = Frontend(from: -20, counted: 0, labels: ["status": "error"])
    let coverage = coverage([Frontend(), rare])
    #expect(coverage.verdict(Self.end) == .whole)
    #expect(coverage.questions([Self.end]) == FrontendFacts.Questions())
  }

  @Test("of a recording rule, which names no target, are judged alike")
  func recordingRules() {
    let bare = ["instance": "", "job": "", "status": ""]
    #expect(coverage([Frontend(scrape: 30, labels: bare)]).verdict(Self.end) == .whole)
    let verdict = coverage([Frontend(to: -45, labels: bare)]).verdict(Self.end)
    #expect(lateness(verdict) == 45)
  }

  @Test("that are none at all, or a single one, say nothing")
  func tooFew() {
    #expect(coverage([]).verdict(Self.end) == .whole)
    #expect(coverage([Frontend(from: -20, to: -20)]).verdict(Self.end) == .whole)
  }
}

@Suite("Names of models")
struct ModelNamesTests {
  @Test(
    "match regardless of case, several of them, and with patterns",
    arguments: [
      ("m", "m", true), ("M", "m", true), ("m", "m-sql", false), ("m,m-sql", "M-SQL", true),
      (" m , m-* ", "m-chat", true), ("m-*", "m", false), ("*", "anything", true),
      ("a*b*c", "a-bb-c", true), ("a*b*c", "a-bb-d", false), ("*b", "abab", true),
      ("m.x", "mxx", false), ("org/m+(1)", "ORG/m+(1)", true), ("", "m", false),
    ])
  func matching(_ names: String, _ label: String, _ isMatch: Bool) {
    #expect(ModelNames(names).matches(label) == isMatch)
  }

  @Test("are one regular expression, which for a single name is what it was")
  func pattern() {
    #expect(ModelNames("Org/m.1").pattern == #"(?i:Org/m\.1)"#)
    #expect(ModelNames("m, m-*").pattern == "(?i:m|m-.*)")
  }
}
