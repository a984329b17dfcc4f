import GRDB
import Invocation
import Planning

extension StateQuery {
  /// Runs the statement and returns how many rows it changed.
  @discardableResult
  func execute(_ db: Database, _ arguments: StatementArguments) throws -> Int {
    try db.cachedStatement(sql: rawValue).execute(arguments: arguments)
    return db.changesCount
  }

  /// Runs the statement and returns its first row.
  func row(_ db: Database, _ arguments: StatementArguments) throws -> Row? {
    try Row.fetchOne(db.cachedStatement(sql: rawValue), arguments: arguments)
  }

  /// Runs the statement and returns what `transform` makes of each row.
  func map<Value>(
    _ db: Database, _ arguments: StatementArguments, _ transform: (Row) throws -> Value
  ) throws -> [Value] {
    let rows = try Row.fetchCursor(db.cachedStatement(sql: rawValue), arguments: arguments)
    var values: [Value] = []
    while let row = try rows.next() { values.append(try transform(row)) }
    return values
  }

  /// The number of the deployment called `name`.
  static func deployment(_ name: String, _ db: Database) throws -> Int64? {
    try findDeployment.row(db, ["name": name])?.decode(Int64.self, atIndex: 0)
  }
}

extension StoredDecision {
  /// Reads a row with the columns of ``StateQuery/decision``.
  init(_ row: Row) throws {
    self.init(
      id: try row.decode(forColumn: "id"), time: try row.decode(forColumn: "time"),
      status: try row.decode(forColumn: "status"), isChange: try row.decode(forColumn: "is_change"),
      document: try row.decode(forColumn: "document"), input: try row.decode(forColumn: "input"),
      error: try row.decode(forColumn: "error"))
  }
}

extension StoredTraffic {
  /// Reads a row of ``StateQuery/newestObservations``, by position: there may be thousands.
  ///
  /// SQLite checks a row when it is written, not when it is read: a damaged page can hold a number
  /// that would lead the predictors astray for days.
  init(_ row: Row, intervalSeconds: Int) throws {
    let end: Int = try row.decode(atIndex: 0)
    let requestCount: Double = try row.decode(atIndex: 1)
    let isl: Double? = try row.decode(atIndex: 2)
    let osl: Double? = try row.decode(atIndex: 3)
    let ttft: Double? = try row.decode(atIndex: 4)
    let itl: Double? = try row.decode(atIndex: 5)
    let duration: Double? = try row.decode(atIndex: 6)
    func isPlausible(_ value: Double?) -> Bool { value.map { $0 >= 0 && $0.isFinite } ?? true }
    guard intervalSeconds > 0, end % intervalSeconds == 0, isPlausible(requestCount),
      isPlausible(isl), isPlausible(osl), isPlausible(ttft), isPlausible(itl),
      isPlausible(duration)
    else {
      throw ImplausibleRow(
        description: "the observation of interval \(end) holds a value that was never written")
    }
    self.init(
      intervalSeconds: intervalSeconds,
      observation: TrafficObservation(
        intervalEnd: end, requestCount: requestCount, isl: isl, osl: osl, ttftMilliseconds: ttft,
        itlMilliseconds: itl, requestDurationSeconds: duration))
  }
}
