import GRDB
import Testing

@testable import StateStore

@Suite("The tables of the state file")
struct MigrationTests {
  @Test("an empty file becomes a current one, and stays as it is from then on")
  func fromNothing() throws {
    let queue = try DatabaseQueue()
    let inspect = { try queue.read { try StateSchema.inspect($0, path: "x") } }
    #expect(try inspect() == .fresh)
    try StateSchema.migrator.migrate(queue)
    #expect(try inspect() == .current)
    let schema = {
      try queue.read {
        try String.fetchAll($0, sql: "SELECT coalesce(sql, name) FROM sqlite_master")
      }
    }
    let before = try schema()
    try StateSchema.migrator.migrate(queue)
    #expect(try schema() == before)
  }

  @Test("an older file takes published decisions once it is brought up to date, and stays whole")
  func published() throws {
    let queue = try DatabaseQueue()
    try StateSchema.migrator.migrate(queue, upTo: "v3 changes")
    func insert(_ status: String) throws {
      try queue.write {
        try $0.execute(
          sql: "INSERT INTO decision VALUES (NULL, 1, 0, ?, 0, '{}', '{}', NULL)",
          arguments: [status])
      }
    }
    try queue.write { try $0.execute(sql: "INSERT INTO deployment (name) VALUES ('a')") }
    try insert("held")
    #expect(throws: DatabaseError.self) { try insert("published") }

    try StateSchema.migrator.migrate(queue)
    try insert("published")
    #expect(throws: DatabaseError.self) { try insert("done") }
    func texts(_ sql: String) throws -> [String] {
      try queue.read { try String.fetchAll($0, sql: sql) }
    }
    #expect(try texts("SELECT status FROM decision ORDER BY id") == ["held", "published"])
    #expect(try texts("PRAGMA integrity_check") == ["ok"])
  }

  @Test("a file that lacks the newest step is told from a current one")
  func outdated() throws {
    let queue = try DatabaseQueue()
    try StateSchema.migrator.migrate(queue)
    let newest = try #require(StateSchema.migrator.migrations.last)
    let kind = try queue.write { db in
      try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = ?", arguments: [newest])
      return try StateSchema.inspect(db, path: "x")
    }
    #expect(kind == .outdated)
  }

  @Test("the application's mark and every table's strictness are in the file")
  func protection() throws {
    let queue = try DatabaseQueue()
    try StateSchema.migrator.migrate(queue)
    try queue.read { db in
      #expect(try Int.fetchOne(db, sql: "PRAGMA application_id") == 0x534C_4150)
      let loose = try String.fetchAll(
        db,
        sql: """
          SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
            AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
          """)
      #expect(loose == [])
      #expect(try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") == true)
    }
  }

  @Test(
    "rows that no invocation writes are refused by the tables themselves",
    arguments: [
      "INSERT INTO deployment (name) VALUES ('')",
      "INSERT INTO deployment (name) VALUES ('a')",
      "INSERT INTO memory VALUES (2, 'plan', '{}', 0)",
      "INSERT INTO memory VALUES (1, 'plan', 'no json', 0)",
      "INSERT INTO lease VALUES (1, '', 0)",
      "INSERT INTO lease VALUES (1, 'me', 'tomorrow')",
      "INSERT INTO observation VALUES (1, 60, 60, 'many', 1, 1, 1, 1, 1)",
      "INSERT INTO observation VALUES (1, 60, 60, 1, -1, 1, 1, 1, 1)",
      "INSERT INTO observation VALUES (1, 60, 61, 1, 1, 1, 1, 1, 1)",
      "INSERT INTO observation VALUES (1, 60, 60, 1, 1, 1, 9e999, 1, 1)",
      "INSERT INTO decision VALUES (NULL, 1, 0, 'done', 0, '{}', '{}', NULL)",
      "INSERT INTO decision VALUES (NULL, 1, 0, 'held', 2, '{}', '{}', NULL)",
      "INSERT INTO virtual_scaling VALUES ('a', -1, 1, 0, NULL, 0)",
      "INSERT INTO virtual_scaling VALUES ('a', 1, 1, 0, 1, 0)",
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
