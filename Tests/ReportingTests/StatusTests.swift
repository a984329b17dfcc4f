import Invocation
import Planning
import Presentation
import Testing

@testable import Reporting

@Suite("Status")
struct StatusTests {
  static func facts(
    _ latest: PastDecision?, now: Double = 1030, failure: FailedRun? = nil,
    controls: [Control] = [], times: [Double] = [1000, 940, 880], overdue: Double? = nil
  ) -> DeploymentFacts {
    DeploymentFacts(
      deployment: "demo", now: now, latest: latest, failure: failure, controls: controls,
      times: latest == nil ? [] : times, overdueSeconds: overdue)
  }

  static func held() throws -> PastDecision {
    var input = Scene.input()
    input.workers?.samples = []
    input.workers?.failure = "the router refused the connection"
    input.state.holdSince = 700
    return try Scene.past(7, input: input, status: "held")
  }

  private func headline(_ facts: DeploymentFacts) -> String {
    StatusText(facts, times: .utc).headline
  }

  @Test("a decision that is young is fine, and the first line says so")
  func fine() throws {
    let facts = Self.facts(try Scene.past(7))
    #expect(DeploymentState(facts) == .fine)
    #expect(headline(facts) == "demo: fine, decision 7, 30 s ago: applied.")
    #expect(DeploymentState.fine.exitCode == 0)
  }

  @Test("three times the usual gap without a decision is overdue, but not before three minutes")
  func overdue() throws {
    let latest = try Scene.past(7)
    #expect(DeploymentState(Self.facts(latest, now: 1180)) == .fine)
    let facts = Self.facts(latest, now: 1181)
    #expect(DeploymentState(facts) == .overdue && facts.usualGapSeconds == 60)
    #expect(headline(facts).hasPrefix("demo: overdue: the last decision is 3 min old"))
    #expect(DeploymentState(Self.facts(latest, now: 1181, times: [1000, 900])) == .fine)
    #expect(DeploymentState(Self.facts(latest, now: 1011, overdue: 10)) == .overdue)
    #expect(DeploymentState(Self.facts(nil)) == .overdue)
    #expect(DeploymentState.overdue.exitCode == 1)
  }

  @Test("a hold says for how long and what is missing, in the words of the decision")
  func holding() throws {
    let facts = Self.facts(try Self.held())
    #expect(DeploymentState(facts) == .holding)
    #expect(
      headline(facts).hasPrefix("demo: holding for 6 min (since 00:11): decode is held at 1: "))
    #expect(headline(facts).contains("the router refused the connection"))
    #expect(DeploymentState.holding.exitCode == 3)
  }

  @Test("a run that ended with an error after the last decision is what counts")
  func broken() throws {
    let failure = FailedRun(first: 1010, last: 1025, count: 4, code: 69, error: "etcd is away.")
    let facts = Self.facts(try Self.held(), failure: failure)
    #expect(DeploymentState(facts) == .broken)
    #expect(
      headline(facts)
        == "demo: broken: the last 4 runs ended with an error (since 00:16, exit code 69): etcd is away."
    )
    let earlier = FailedRun(first: 900, code: 69, error: "etcd is away.")
    #expect(DeploymentState(Self.facts(try Scene.past(7), failure: earlier)) == .fine)
    #expect(DeploymentState(Self.facts(nil, failure: earlier)) == .broken)
    let failed = try Scene.past(7, status: "failed", error: "a conflict")
    #expect(headline(Self.facts(failed)).contains("not confirmed: a conflict"))
  }

  @Test("a pause is no fault, and who asked for it is in the first line")
  func paused() throws {
    let pause = Control(.pause, owner: "anna", reason: "incident", since: 900, until: 4600)
    let facts = Self.facts(try Scene.past(7), controls: [pause])
    #expect(DeploymentState(facts) == .paused && DeploymentState.paused.exitCode == 0)
    #expect(headline(facts) == "demo: paused by anna until 01:16 (1 h, incident).")
  }

  @Test("a missed target is said first, with what was seen and what was asked")
  func missedTarget() throws {
    let verdict = TargetVerdict(
      name: "TTFT", targetMilliseconds: 500, observedMilliseconds: 550, share: nil, askedShare: nil)
    #expect(verdict.isMet == false && verdict.text == "TTFT 550 ms, target 500: missed")
    let share = TargetVerdict(
      name: "ITL", targetMilliseconds: 20, observedMilliseconds: 21, share: 0.97, askedShare: 0.95)
    #expect(share.isMet == true)
    #expect(share.text == "ITL 21 ms on average, 97 % within 20 of 95 % asked: met")
    let unknown = TargetVerdict(
      name: "ITL", targetMilliseconds: 20, observedMilliseconds: nil, share: nil, askedShare: 0.9)
    #expect(unknown.isMet == nil && unknown.text.hasSuffix("nobody knows"))
  }

  @Test("the whole screen is what it was, in 80 columns")
  func screen() throws {
    let pin = Control(
      .pin, .decode, minimum: 2, maximum: 2, owner: "anna", reason: "load test", since: 900,
      until: 4600)
    var input = Scene.input()
    input.controls = [pin]
    var facts = Self.facts(try Scene.past(7, input: input), controls: [pin])
    facts.lastChange = try Scene.past(7, input: input).printed
    let text = StatusText(facts, times: .utc).text
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
    #expect(
      text == """
        demo: fine, decision 7, 30 s ago: applied.
        TTFT unknown, target 200: nobody knows
        ITL unknown, target 20: nobody knows

                current  ready  needed  final
        decode        1      1       2      2
        GPUs 4 of a budget of 8

        in force: decode pinned to 2 by anna until 01:16 (1 h, load test)

        decode 1 → 2: pinned to 2 by anna for 1 h more (load test). ITL: every worker
          carries more than 1000 active decode blocks (now 1500).

        last change: decision 7, 30 s ago: decode 1 → 2
        next decision: 00:17, in 30 s
        more: sla-planner explain 7
        """, "\(text)")
  }

  @Test("programs get the same in one object")
  func json() throws {
    let json = try StatusDocument(Self.facts(try Self.held())).json()
    for part in [
      #""schema":1"#, #""state":"holding""#, #""exit_code":3"#, #""controls":[]"#,
      #""next_decision":"1970-01-01T00:17:40Z""#, #""met":null"#,
    ] {
      #expect(json.contains(part), "\(part) is missing in \(json)")
    }
  }

  @Test("warnings that repeat are one line with their count")
  func warnings() {
    #expect(WarningLines.lines(["a", "b", "a"]) == ["Warning (2 times): a", "Warning: b"])
  }
}
