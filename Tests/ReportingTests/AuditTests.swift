import Foundation
import FoundationXML
import Invocation
import Planning
import Testing

@testable import Reporting

@Suite("Audit")
struct AuditTests {
  static func auditor(
    _ change: (inout PlanningPolicy) -> Void = { _ in }, allow: AuditAllowance = AuditAllowance()
  ) -> Auditor {
    var policy = Scene.input().policy
    change(&policy)
    return Auditor(policy: policy, profile: nil, allowance: allow)
  }

  @Test("a stored decision that can't be read is told and judged by nobody")
  func unreadable() {
    let stored = StoredDecision(
      id: 42, time: 60, status: "unchanged", isChange: false, document: "{", input: "{", error: nil)
    let report = AuditReport(cases: [Self.auditor().audit(stored)])
    #expect(report.passes)
    #expect(
      report.summary.hasSuffix("1 could not be decided again: its JSON can't be read."))
  }

  @Test("an unchanged configuration gives no difference over 1,000 decisions")
  func unchangedConfigurationGivesNoDifferenceOver1000() throws {
    let auditor = Self.auditor()
    let cases = try (1...1000).map { id in
      let input = Scene.input(time: Double(id) * 60, blocks: Double(id * 37 % 3000))
      return auditor.audit(try AuditedDecision(Scene.past(id, input: input)))
    }
    let report = AuditReport(cases: cases)
    #expect(report.passes)
    #expect(
      report.text
        == "1000 decisions audited: 1000 equal, 0 different as allowed, 0 different.")
  }

  @Test("so it is with 1,000 decisions in both modes, on forecasts and a profile")
  func soItIsWith1000DecisionsInBothModes() throws {
    let profile = try SimulationScene.profile()
    let past = try Self.simulated.get()
    #expect(past.count >= 1000)
    #expect(past.count { $0.printed.isChange } > 20)
    func audit(_ change: (inout PlanningPolicy) -> Void) throws -> AuditReport {
      var policy = try #require(past.first).record.input.policy
      change(&policy)
      let auditor = Auditor(policy: policy, profile: profile, allowance: AuditAllowance())
      return AuditReport(cases: try past.map { auditor.audit(try AuditedDecision($0)) })
    }
    #expect(try audit { _ in }.cases.allSatisfy { $0.passes && $0.differences.isEmpty })

    // A slower target asks for no more engines anywhere, and says nothing of the prefill workers.
    let slower = try audit { $0.targets.itlMilliseconds *= 1.5 }
    let counts = slower.cases.flatMap(\.differences).filter { $0.what == "final" }
    #expect(!counts.isEmpty)
    for difference in counts {
      #expect(difference.component == .decode)
      #expect((Int(difference.now) ?? 0) < (Int(difference.was) ?? 0))
    }
  }

  /// Decisions of a simulated planner, as the state file keeps them.
  private static let simulated = Result<[PastDecision], any Error> {
    let run = try SimulationScene.run(hours: 17)
    return try SimulationScene.planned(run).1.enumerated().map { index, moment in
      let decision = moment.record.decision
      return try PastDecision(
        StoredDecision(
          id: index + 1, time: decision.time, status: decision.status.rawValue,
          isChange: !decision.changes.isEmpty,
          document: JSONText.encode(
            DecisionDocument(decision, id: nil, deployment: "simulated")),
          input: JSONText.encode(moment.record)))
    }
  }

  @Test("a changed target gives the expected difference")
  func changedTargetGivesTheExpectedDifference() throws {
    let auditor = Self.auditor { $0.targets.itlMilliseconds = 40 }
    let moment = auditor.audit(try AuditedDecision(Scene.past(42)))
    #expect(
      moment.differences == [
        .init(component: .decode, what: "final", was: "2", now: "1", isAllowed: false),
        .init(
          component: .decode, what: "load-reason", was: "scale-up", now: "no-change",
          isAllowed: false),
      ])
    #expect(!moment.passes)
    #expect(AuditReport(cases: [moment]).text.contains("decode final: 2 → 1"))
  }

  @Test("allowed differences pass and are still shown")
  func allowedDifferencesPass() throws {
    let auditor = Self.auditor(
      { $0.targets.itlMilliseconds = 40 }, allow: AuditAllowance(replicas: 1, reasons: true))
    let report = AuditReport(cases: [auditor.audit(try AuditedDecision(Scene.past(42)))])
    #expect(report.passes)
    #expect(report.text.contains("(allowed)"))
    #expect(report.summary.contains("1 different as allowed"))
  }

  @Test("a moment that can't be decided fails with the reason")
  func momentThatCantBeDecidedFails() throws {
    let moment = Self.auditor { $0.gpuBudget = 1 }.audit(try AuditedDecision(Scene.past(42)))
    #expect(!moment.passes)
    #expect(moment.failure?.contains("budget of 1") == true)
  }

  @Test(
    "allowances are read",
    arguments: [
      (["replicas=1"], 1, false), (["replicas=±2", "reason"], 2, true), ([], 0, false),
    ])
  func allowancesAreRead(_ rules: [String], _ replicas: Int, _ reasons: Bool) throws {
    #expect(try AuditAllowance(rules) == AuditAllowance(replicas: replicas, reasons: reasons))
  }

  @Test(
    "an unknown allowance is an error",
    arguments: ["replicas", "replicas=x", "replicas=", "all", "", "reason=1"])
  func unknownAllowanceIsAnError(_ rule: String) {
    #expect(throws: AuditError.unknownRule(rule)) { try AuditAllowance([rule]) }
  }

  @Test("JUnit and annotations carry the difference, escaped")
  func junitAndAnnotationsCarryTheDifference() throws {
    let was = try Scene.past(1).document
    var now = was
    now.components[.decode]?.final = 9
    let report = AuditReport(cases: [
      AuditCase(name: "a<b>&\"c\", d", was: was, now: now, allowance: AuditAllowance()),
      AuditCase(name: "same", was: was, now: was, allowance: AuditAllowance()),
    ])
    #expect(XMLParser(data: Data(report.junit.utf8)).parse())
    #expect(report.junit.contains("tests=\"2\" failures=\"1\""))
    #expect(report.junit.contains("a&lt;b&gt;&amp;&quot;c&quot;"))
    #expect(
      report.gitHubAnnotations == [
        "::error title=Audit: a<b>&\"c\"%2C d::decode final was 2, would be 9"
      ])
    let json = try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any]
    #expect(json?["different"] as? Int == 1)
    #expect(json?["passes"] as? Bool == false)
  }
}

@Suite("History and explanation")
struct HistoryTests {
  @Test("filters choose rows by time, component, reason and change")
  func filtersChooseRowsByTime() throws {
    let up = try Scene.past(1, input: Scene.input(time: 100))
    let same = try Scene.past(2, input: Scene.input(time: 200, blocks: 500))
    func ids(_ filter: HistoryFilter) -> [Int] {
      [up, same].flatMap { filter.rows(of: $0.printed) }.map(\.id)
    }
    #expect(ids(HistoryFilter()) == [1, 2])
    #expect(ids(HistoryFilter(since: 150)) == [2])
    #expect(ids(HistoryFilter(until: 200)) == [1])
    #expect(ids(HistoryFilter(component: .prefill)) == [])
    #expect(ids(HistoryFilter(reason: "scale-up")) == [1])
    #expect(ids(HistoryFilter(changedOnly: true)) == [1])
  }

  @Test("a row has as many cells as the header")
  func rowHasAsManyCellsAsTheHeader() throws {
    let row = try #require(HistoryFilter().rows(of: try Scene.past(1).printed).first)
    #expect(row.cells.count == HistoryRow.header.count)
    #expect(
      row.csv
        == "1,1970-01-01T00:16:40Z,applied,decode,1,,2,,2,disabled,scale-up,within-budget,")
  }

  @Test("explain tells arrivals, what waits, the spread of lengths, attainment and agreement")
  func demand() throws {
    var input = Scene.input()
    input.policy.throughput = ThroughputPolicy()
    input.policy.load?.catchUp = LoadCatchUp()
    input.traffic = TrafficInput(
      newest: .known(
        TrafficObservation(
          intervalEnd: 900, requestCount: 900, isl: 50, osl: 150,
          arrivals: Arrivals(
            count: 1200, basis: .completedAndInFlight, indexOfDispersion: 1.5),
          inFlightRequests: 310, queuedRequests: 290,
          spread: TrafficSpread(
            isl: BucketCounts(upperBounds: [0, 100], counts: [0, 900, 0], sum: 45_000),
            ttftMilliseconds: BucketCounts(
              upperBounds: [0, 200, 500], counts: [0, 600, 300, 0], sum: 135_000)))),
      forecast: nil)
    let text = DecisionStory(try Scene.past(7, input: input), next: nil).text
    for part in [
      "1200 (completed-and-in-flight), index of dispersion 1.5", "310 at the end",
      "290 at the end", "ISL spread", "66.", "% of first tokens",
      "agreed by       1 of 1 samples (1 needed)", "workers wanted  2",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
  }

  @Test("the story names every operand and what came of it")
  func storyNamesEveryOperandAndWhatCame() throws {
    let next = try Scene.past(8, input: Scene.input(time: 1060, blocks: 100))
    let text = DecisionStory(try Scene.past(7), next: next.printed).text
    #expect(!text.contains("traffic until"))
    for part in [
      "Decision 7 on demo", "worker 7: 1500 decode blocks, last ITL 25 ms", "up above",
      "reaches the target at 1000", "Sent and confirmed: decode 2", "What decision 8 saw",
    ] {
      #expect(text.contains(part), "\(part) is missing in:\n\(text)")
    }
  }

  @Test("a failed decision tells its error, the newest one that nothing followed")
  func failedDecisionTellsItsError() throws {
    let text = DecisionStory(
      try Scene.past(7, status: "failed", error: "etcd is gone"), next: nil
    ).text
    #expect(text.contains("Not confirmed: etcd is gone"))
    #expect(text.contains("No later decision has been made yet."))
  }

  @Test("unreadable JSON is an error that names the decision")
  func unreadableJSONIsAnError() {
    #expect(throws: PastDecisionError.self) {
      try PastDecision(
        StoredDecision(
          id: 3, time: 0, status: "applied", isChange: false, document: "{}", input: "{}"))
    }
  }
}
