import GRDB
import Testing

@testable import StateStore

@Suite("The cost of an invocation does not grow with the file")
struct QueryPlanTests {
  @Test("no statement reads a table from end to end, or sorts", arguments: StateQuery.allCases)
  func usesAnIndex(query: StateQuery) throws {
    let queue = try DatabaseQueue()
    try StateSchema.migrator.migrate(queue)
    let plan = try queue.read { db in
      let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + query.sql)
      statement.setUncheckedArguments([])
      return try Row.fetchAll(statement).map { $0["detail"] as String }
    }
    // The lengths of the intervals in use: a handful of rows, found by index.
    let costly = plan.filter {
      ($0.hasPrefix("SCAN") && !["SCAN length", "SCAN CONSTANT ROW"].contains($0))
        || $0.contains("TEMP B-TREE") || $0.contains("AUTOMATIC")
    }
    #expect(costly == [], "\(plan)")
  }
}
