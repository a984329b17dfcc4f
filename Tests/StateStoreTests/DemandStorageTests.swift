import Foundation
import GRDB
import Invocation
import Planning
import Testing

@testable import StateStore

@Suite("What is kept of arrivals")
struct DemandStorageTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  private func traffic(_ end: Int) throws -> StoredTraffic {
    var traffic = StoredTraffic.sample(end)
    traffic.observation.arrivals = Arrivals(
      count: 950.25, basis: .completedAndInFlight, indexOfDispersion: 1.5)
    traffic.observation.inFlightRequests = 50
    traffic.observation.queuedRequests = 12
    traffic.observation.spread = TrafficSpread(
      isl: BucketCounts(upperBounds: [0, 100, 210], counts: [0, 1.25, 2, 0], sum: 400))
    return traffic
  }

  private func save(_ traffic: [StoredTraffic], at time: Double) throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: time, leaseSeconds: 60)
    _ = try store.save(LearnedStep(observations: traffic, now: time, endsLease: true))
    try store.close()
  }

  @Test("comes back as it was, beside observations without it")
  func roundTrip() throws {
    let stored = [StoredTraffic.sample(1_789_994_700), try traffic(1_789_994_880)]
    try save(stored, at: now)
    #expect(try scene.store().observations(intervalSeconds: 180, limit: 9) == stored)
  }

  @Test("an interval that is stored already keeps its arrivals")
  func unique() throws {
    let first = try traffic(1_789_994_880)
    try save([first], at: now)
    var second = first
    second.observation.arrivals?.count = 1
    second.observation.spread = nil
    try save([second], at: now)
    #expect(try scene.store().observations(intervalSeconds: 180, limit: 9) == [first])
  }

  @Test("histograms are forgotten after a week, the numbers stay")
  func retention() throws {
    try save([try traffic(1_789_994_880)], at: now)
    try save([try traffic(1_789_995_060)], at: now + 6.9 * 86_400)
    #expect(try scene.rows("SELECT 1 FROM spread").count == 2)
    try save([], at: now + 8 * 86_400)
    let kept = try scene.store().observations(intervalSeconds: 180, limit: 9)
    #expect(kept.map { $0.observation.spread == nil } == [true, true])
    #expect(kept.map { $0.observation.arrivals?.count } == [950.25, 950.25])
  }

  @Test("numbers are forgotten with their observations")
  func retentionOfNumbers() throws {
    try save([try traffic(1_789_994_880)], at: now)
    let store = scene.store { $0.observationRetentionDays = 400 }
    _ = try store.begin(owner: "b", now: now + 401 * 86_400, leaseSeconds: 60)
    _ = try store.save(LearnedStep(now: now + 401 * 86_400, endsLease: true))
    for table in ["observation", "demand", "spread"] {
      #expect(try scene.rows("SELECT 1 FROM \(table)").count == 0)
    }
  }

  @Test("a file of the first version is brought up to date with all that is in it")
  func migration() throws {
    try scene.fill()
    let before = try scene.store().observations(intervalSeconds: 180, limit: 9)
    try scene.execute(
      """
      DROP VIEW demand_log; DROP TABLE demand; DROP TABLE spread;
      DELETE FROM grdb_migrations WHERE identifier = 'v2 demand';
      """)
    #expect(throws: StateError.self) {
      try scene.store().observations(intervalSeconds: 180, limit: 9)
    }
    try save([try traffic(1_789_995_060)], at: now)
    let after = try scene.store().observations(intervalSeconds: 180, limit: 9)
    #expect(Array(after.prefix(2)) == before)
    #expect(after.last?.observation.arrivals?.basis == .completedAndInFlight)
  }

  @Test("a week of histograms and a year of numbers stay small")
  func size() throws {
    let bounds: [Double] = [
      0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000,
    ]
    let histogram = try #require(
      BucketCounts(
        upperBounds: bounds, counts: bounds.map { ($0 * 0.1234).rounded() / 100 } + [0.25],
        sum: 2_718_281.828459045))
    let spread = TrafficSpread(
      isl: histogram, osl: histogram, ttftMilliseconds: histogram, itlMilliseconds: histogram)
    #expect(try JSONText.encode(spread).utf8.count < 900)
  }

  @Test(
    "rows that no invocation writes are refused by the tables themselves",
    arguments: [
      "INSERT INTO demand VALUES (1, 60, 60, -1, 'started', 1, 1, 1)",
      "INSERT INTO demand VALUES (1, 60, 60, 9e999, 'started', 1, 1, 1)",
      "INSERT INTO demand VALUES (1, 60, 60, 1, 'guessed', 1, 1, 1)",
      "INSERT INTO demand VALUES (1, 60, 60, 1, NULL, 1, 1, 1)",
      "INSERT INTO demand VALUES (2, 60, 60, 1, 'started', 1, 1, 1)",
      "INSERT INTO spread VALUES (1, 60, 60, 'no json')",
    ])
  func constraints(sql: String) throws {
    let queue = try DatabaseQueue()
    try StateSchema.migrator.migrate(queue)
    try queue.write { try $0.execute(sql: "INSERT INTO deployment (name) VALUES ('a')") }
    #expect {
      try queue.write { try $0.execute(sql: sql) }
    } throws: {
      ($0 as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
    }
  }
}
