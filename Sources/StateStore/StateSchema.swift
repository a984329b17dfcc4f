import GRDB
import Invocation

/// The tables of the state file, and how older files become current ones.
enum StateSchema {
  /// `SLAP` in the file's header (`file planner.sqlite` shows it): the file is ours.
  static let applicationID = 0x534C_4150

  /// 3.37 brought STRICT tables, 3.38 JSON functions in every build.
  static let oldestSQLite = 3_038_000

  /// What a file turned out to be.
  enum Kind {
    /// There is nothing in it yet.
    case fresh
    /// It has the current tables.
    case current
    /// An older version of this program wrote it.
    case outdated
  }

  /// Every step from an empty file to the current tables. A step that was released is never
  /// changed; a new one is added below it.
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: tables)
      try db.execute(sql: indexes)
      try db.execute(sql: views)
    }
    migrator.registerMigration("v2 demand", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: demandTables)
    }
    migrator.registerMigration("v3 changes", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: changeIndex)
    }
    migrator.registerMigration("v4 published", foreignKeyChecks: .immediate) { db in
      try addPublishedStatus(db)
    }
    migrator.registerMigration("v5 failed runs", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: failedRunTable)
    }
    return migrator
  }()

  /// Tells what a file is, without changing it; to be called inside a transaction, lest another
  /// process creates the tables half-way through.
  ///
  /// SQLite itself has checked the header, the first page, the schema and the file's length when
  /// it comes to this. The other pages are checked as they are read: looking at all of them
  /// (`PRAGMA quick_check`) takes seconds for a year-old file, see ``SQLiteStateStore/verify()``.
  ///
  /// - Throws: ``StateError`` when the file is not ours or comes from a newer version.
  static func inspect(_ db: Database, path: String) throws -> Kind {
    let identity = try Int.fetchOne(db, sql: "PRAGMA application_id")
    guard identity == applicationID else {
      let tables = "type = 'table' AND name <> 'grdb_migrations' AND name NOT LIKE 'sqlite_%'"
      let others = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master WHERE \(tables)")
      if identity == 0, others == 0 { return .fresh }
      throw StateError.unusable(
        path: path,
        reason: "It is the database of another program and was left untouched. "
          + "Name another file with --state.")
    }
    let applied = try migrator.appliedIdentifiers(db)
    if let newer = applied.subtracting(migrator.migrations).max() {
      throw StateError.newerSchema(path: path, version: newer)
    }
    return applied.count == migrator.migrations.count ? .current : .outdated
  }

  /// The comments stand inside the statements so that `.schema` in the sqlite3 shell shows them.
  private static let tables = """
    CREATE TABLE deployment (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (name <> '') -- Kubernetes namespace/name, or Dynamo namespace
    ) STRICT;

    CREATE TABLE observation ( -- the traffic of one adjustment interval
      deployment INTEGER NOT NULL REFERENCES deployment (id),
      interval_seconds INTEGER NOT NULL CHECK (interval_seconds > 0),
      interval_end INTEGER NOT NULL, -- Unix seconds
      request_count REAL NOT NULL CHECK (request_count >= 0 AND request_count < 9e999),
      isl REAL CHECK (isl >= 0 AND isl < 9e999), -- tokens; NULL: unknown, as all below
      osl REAL CHECK (osl >= 0 AND osl < 9e999), -- tokens
      ttft_ms REAL CHECK (ttft_ms >= 0 AND ttft_ms < 9e999),
      itl_ms REAL CHECK (itl_ms >= 0 AND itl_ms < 9e999),
      request_duration_s REAL CHECK (request_duration_s >= 0 AND request_duration_s < 9e999),
      PRIMARY KEY (deployment, interval_seconds, interval_end),
      CHECK (interval_end % interval_seconds = 0)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE memory ( -- what predictors, regressions, ... know; a JSON document a part
      deployment INTEGER NOT NULL REFERENCES deployment (id),
      part TEXT NOT NULL,
      document TEXT NOT NULL CHECK (json_valid(document)),
      updated REAL NOT NULL, -- Unix seconds
      PRIMARY KEY (deployment, part)
    ) STRICT;

    CREATE TABLE decision (
      id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, not even after pruning
      deployment INTEGER NOT NULL REFERENCES deployment (id),
      time REAL NOT NULL CHECK (abs(time) < 9e999), -- Unix seconds
      status TEXT NOT NULL -- pending: being applied, or an invocation died while applying it
        CHECK (status IN ('pending', 'applied', 'unchanged', 'held', 'dry-run', 'failed')),
      is_change INTEGER NOT NULL CHECK (is_change IN (0, 1)),
      document TEXT NOT NULL CHECK (json_valid(document)), -- the decision as printed
      input TEXT NOT NULL CHECK (json_valid(input)), -- everything it was decided on
      error TEXT -- why it failed
    ) STRICT;

    CREATE TABLE lease ( -- who is at work on a deployment; no row: nobody
      deployment INTEGER PRIMARY KEY REFERENCES deployment (id),
      owner TEXT NOT NULL CHECK (owner <> ''),
      expires REAL NOT NULL -- Unix seconds; later than this, the next invocation takes it over
    ) STRICT;

    CREATE TABLE virtual_scaling ( -- the embedded virtual connector; NULL: not written yet
      namespace TEXT PRIMARY KEY NOT NULL CHECK (namespace <> ''), -- Dynamo namespace
      prefill_workers INTEGER CHECK (prefill_workers >= 0), -- wanted
      decode_workers INTEGER CHECK (decode_workers >= 0), -- wanted
      decision_id INTEGER NOT NULL, -- 0, 1, 2, ...: not decision.id
      scaled_decision_id INTEGER CHECK (scaled_decision_id <= decision_id), -- acknowledged
      decided_at REAL NOT NULL -- Unix seconds
    ) STRICT, WITHOUT ROWID;
    """

  /// Apart from `observation`, so that a file whose deployments count completed requests stays as
  /// small as it was, and histograms can be forgotten long before the numbers.
  private static let demandTables = """
    CREATE TABLE demand ( -- what arrived in an interval; NULL: unknown
      deployment INTEGER NOT NULL REFERENCES deployment (id),
      interval_seconds INTEGER NOT NULL CHECK (interval_seconds > 0),
      interval_end INTEGER NOT NULL, -- Unix seconds, as in observation
      arrivals REAL CHECK (arrivals >= 0 AND arrivals < 9e999), -- requests
      basis TEXT CHECK (basis IN ('started', 'completed-and-in-flight', 'completed')),
      dispersion REAL CHECK (dispersion >= 0 AND dispersion < 9e999), -- variance/mean of counts
      in_flight REAL CHECK (in_flight >= 0 AND in_flight < 9e999), -- requests at the end
      queued REAL CHECK (queued >= 0 AND queued < 9e999), -- those without a first token
      PRIMARY KEY (deployment, interval_seconds, interval_end),
      CHECK ((arrivals IS NULL) = (basis IS NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE spread ( -- histograms of an interval; only the newest days are kept
      deployment INTEGER NOT NULL REFERENCES deployment (id),
      interval_seconds INTEGER NOT NULL CHECK (interval_seconds > 0),
      interval_end INTEGER NOT NULL, -- Unix seconds, as in observation
      document TEXT NOT NULL CHECK (json_valid(document)),
      PRIMARY KEY (deployment, interval_seconds, interval_end)
    ) STRICT;

    CREATE VIEW demand_log AS
      SELECT name AS deployment, datetime(interval_end, 'unixepoch') AS interval_end_utc,
        interval_seconds, arrivals, basis, dispersion, in_flight, queued
      FROM demand JOIN deployment ON deployment.id = demand.deployment
      ORDER BY interval_end DESC;
    """

  private static let indexes = """
    CREATE INDEX decision_by_time ON decision (deployment, time);
    CREATE UNIQUE INDEX one_pending_decision ON decision (deployment) WHERE status = 'pending';
    """

  /// Lets a decision be `published`, as files from before had no such status.
  ///
  /// The table's text is changed in place, which SQLite describes for constraints that no stored row
  /// breaks (sqlite.org/lang_altertable.html): to copy a month of decisions would take a run seconds.
  private static func addPublishedStatus(_ db: Database) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA schema_version") ?? 0
    try db.execute(sql: "PRAGMA writable_schema = ON")
    try db.execute(
      sql: "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
      arguments: ["'dry-run', 'failed')", "'dry-run', 'failed', 'published')", "decision"])
    try db.execute(sql: "PRAGMA schema_version = \(version + 1)")
    try db.execute(sql: "PRAGMA writable_schema = OFF")
  }

  /// Few of many decisions change anything; the others need not be read to find those.
  private static let changeIndex = """
    CREATE INDEX decision_change_by_time ON decision (deployment, time) WHERE is_change = 1;
    """

  private static let failedRunTable = """
    CREATE TABLE failed_run ( -- runs that ended with an error; one row for equal ones in a row
      id INTEGER PRIMARY KEY,
      deployment INTEGER NOT NULL REFERENCES deployment (id),
      first REAL NOT NULL, -- Unix seconds, as last
      last REAL NOT NULL CHECK (last >= first),
      count INTEGER NOT NULL CHECK (count > 0),
      code INTEGER NOT NULL, -- the exit code
      error TEXT NOT NULL
    ) STRICT;

    CREATE INDEX failed_run_by_time ON failed_run (deployment, last);

    CREATE VIEW failed_run_log AS
      SELECT name AS deployment, datetime(first, 'unixepoch') AS first_utc,
        datetime(last, 'unixepoch') AS last_utc, count, code, error
      FROM failed_run JOIN deployment ON deployment.id = failed_run.deployment
      ORDER BY last DESC;
    """

  /// For people; the program doesn't read them.
  private static let views = """
    CREATE VIEW decision_log AS
      SELECT decision.id, datetime(time, 'unixepoch') AS utc, name AS deployment, status,
        is_change, error, document
      FROM decision JOIN deployment ON deployment.id = decision.deployment
      ORDER BY decision.id DESC;

    CREATE VIEW traffic_log AS
      SELECT name AS deployment, datetime(interval_end, 'unixepoch') AS interval_end_utc,
        interval_seconds, request_count, isl, osl, ttft_ms, itl_ms, request_duration_s
      FROM observation JOIN deployment ON deployment.id = observation.deployment
      ORDER BY interval_end DESC;

    CREATE VIEW lease_log AS
      SELECT name AS deployment, owner, datetime(expires, 'unixepoch') AS expires_utc
      FROM lease JOIN deployment ON deployment.id = lease.deployment;
    """
}
