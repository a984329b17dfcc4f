import Foundation
import Forecasting
import Invocation
import Planning
import Reporting
import StateStore
import Testing

@testable import Commands

@Suite("Report of a state file")
struct StateReportTests {
  /// A state file in a folder of its own, which goes away with the value.
  final class StateFile: Sendable {
    let folder: URL
    let store: SQLiteStateStore

    init() throws {
      folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("report-\(UUID().uuidString)", isDirectory: true)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      store = SQLiteStateStore(
        StateFileSettings(
          path: folder.appendingPathComponent("x.sqlite").path, decisionRetentionDays: 0,
          observationRetentionDays: 0),
        deployment: "demo")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Saves a decision, and the interval it observed, for each of `count` minutes from 1 on.
    func fill(_ count: Int, status: String = "unchanged") throws {
      _ = try store.begin(owner: "a", now: 0, leaseSeconds: 60)
      for minute in 1...count {
        let input = Self.input(minute)
        let decision = try Planner.decide(input, profile: nil).decision
        let stored = StoredDecision(
          time: input.time, status: status, isChange: minute == count,
          document: try JSONText.encode(
            DecisionDocument(decision, id: nil, deployment: "demo")),
          input: try JSONText.encode(DecisionRecord(input: input, decision: decision)))
        _ = try store.save(
          LearnedStep(
            observations: [
              StoredTraffic(intervalSeconds: 60, observation: Self.observation(minute))
            ], decision: stored, now: input.time))
      }
      try store.end(owner: "a")
    }

    private static func observation(_ minute: Int) -> TrafficObservation {
      TrafficObservation(
        intervalEnd: minute * 60, requestCount: Double(minute) * 6, isl: 3000, osl: 150,
        ttftMilliseconds: 200, itlMilliseconds: 18)
    }

    private static func input(_ minute: Int) -> DecisionInput {
      DecisionInput(
        time: Double(minute) * 60 + 1,
        policy: PlanningPolicy(
          mode: .decode, targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 50),
          gpusPerReplica: [.decode: 2], load: LoadPolicy()),
        deployment: DeploymentPosition(counts: [.decode: .init(current: 3, asked: 3, ready: 3)]),
        workers: WorkerInput(samples: [], failure: "the router is gone", state: LoadState()))
    }
  }

  @Test("a short history is shown whole, with the traffic beside it")
  func shortHistoryIsShownWhole() throws {
    let file = try StateFile()
    try file.fill(12)
    let data = try #require(try StateReport(store: file.store).data())
    #expect(data.decisionCount == 12)
    #expect(data.heading.title == "demo")
    #expect(data.heading.intervalSeconds == 60)
    #expect(data.heading.notes == [])
    #expect(data.decisions.map(\.id) == Array((1...12).reversed()))
    let page = ReportPage(data).html
    #expect(page.contains("id=\"rate\""))
    #expect(page.contains("<th scope=\"row\">1970-01-01 00:01:00</th>"))
    #expect(page.contains("the router is gone"))
  }

  @Test("of a long history the past is sampled, and the page says so")
  func ofALongHistoryThePastIsSampled() throws {
    let file = try StateFile()
    try file.fill(40)
    var report = StateReport(store: file.store)
    report.shownWhole = 10
    report.sampledParts = 6
    report.listed = 3
    let data = try #require(try report.data())
    #expect(data.decisionCount == 16)
    #expect(data.decisions.map(\.id) == [40, 39, 38])
    #expect(
      data.heading.notes.first?.hasPrefix("Of 40 decisions in this time 16 are shown") == true)
  }

  @Test("a stretch of the history is chosen by time")
  func stretchOfTheHistoryIsChosenByTime() throws {
    let file = try StateFile()
    try file.fill(20)
    let data = try #require(
      try StateReport(store: file.store, since: 5 * 60, until: 9 * 60).data())
    #expect(data.decisions.map(\.id) == [8, 7, 6, 5])
    #expect(try StateReport(store: file.store, since: 1e6).data() == nil)
    #expect(try StateReport(store: file.store, until: 0).data() == nil)
  }

  @Test("what was printed is handed over newest first, within the time that was asked for")
  func whatWasPrintedIsHandedOverNewestFirst()
    throws
  {
    let file = try StateFile()
    // More than two pages.
    try file.fill(1100)
    func ids(
      _ since: Double?, _ until: Double?, most: Int = .max, changesOnly: Bool = false
    ) throws -> [Int] {
      var ids: [Int] = []
      try file.store.forEachSummary(since: since, until: until, changesOnly: changesOnly) {
        ids.append($0.id)
        return ids.count < most
      }
      return ids
    }
    #expect(try ids(nil, nil) == Array((1...1100).reversed()))
    #expect(try ids(nil, nil, most: 3) == [1100, 1099, 1098])
    #expect(try ids(5 * 60, 9 * 60) == [8, 7, 6, 5])
    #expect(try ids(9 * 60, 9 * 60).isEmpty)
    #expect(try ids(9e9, nil).isEmpty)
    let changes = try file.store.decisionSummaries(since: 0, until: 1e12).filter(\.isChange)
    #expect(try ids(nil, nil, changesOnly: true) == changes.map(\.id).reversed())
  }

  @Test("what came after a decision is handed over oldest first, equal moments by number")
  func whatCameAfterADecisionIsHandedOverOldestFirst()
    throws
  {
    let file = try StateFile()
    try file.fill(4)
    try file.fill(4)
    func following(_ id: Int, most: Int = .max) throws -> [Int] {
      let stored = try #require(try file.store.decision(id: id))
      var ids: [Int] = []
      try file.store.forEachDocument(after: PastDocument(stored)) {
        ids.append($0.id)
        return ids.count < most
      }
      return ids
    }
    #expect(try following(1) == [5, 2, 3, 4])
    #expect(try following(6, most: 1) == [3])
    #expect(try following(4) == [8])
    #expect(try following(8).isEmpty)
  }

  @Test("a decision that can't be read is an error that names it")
  func decisionThatCantBeReadIsAnError() throws {
    let file = try StateFile()
    _ = try file.store.begin(owner: "a", now: 0, leaseSeconds: 60)
    _ = try file.store.save(
      LearnedStep(
        decision: StoredDecision(
          time: 1, status: "held", isChange: false, document: "{}", input: "{}"),
        now: 1, endsLease: true))
    #expect(throws: PastDecisionError.self) { try StateReport(store: file.store).data() }
  }
}
