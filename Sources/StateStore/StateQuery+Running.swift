import GRDB
import Invocation
import Planning

extension StateQuery {
  /// Runs the statement and returns how many rows it changed.
  @discardableResult
  func execute(_ db: Database, _ arguments: StatementArguments) throws -> Int {
    try db.cachedStatement(sql: sql).execute(arguments: arguments)
    return db.changesCount
  }

  /// Runs the statement and returns its first row.
  func row(_ db: Database, _ arguments: StatementArguments) throws -> Row? {
    try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
  }

  /// Runs the statement and returns what `transform` makes of each row.
  func map<Value>(
    _ db: Database, _ arguments: StatementArguments, _ transform: (Row) throws -> Value
  ) throws -> [Value] {
    let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
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
    let demand = try StoredDemand(row)
    guard intervalSeconds > 0, end % intervalSeconds == 0, isPlausible(requestCount),
      isPlausible(isl), isPlausible(osl), isPlausible(ttft), isPlausible(itl),
      isPlausible(duration), isPlausible(demand.arrivals?.count),
      isPlausible(demand.arrivals?.indexOfDispersion), isPlausible(demand.inFlight),
      isPlausible(demand.queued)
    else {
      throw ImplausibleRow(
        description: "the observation of interval \(end) holds a value that was never written")
    }
    self.init(
      intervalSeconds: intervalSeconds,
      observation: TrafficObservation(
        intervalEnd: end, requestCount: requestCount, isl: isl, osl: osl, ttftMilliseconds: ttft,
        itlMilliseconds: itl, requestDurationSeconds: duration, arrivals: demand.arrivals,
        inFlightRequests: demand.inFlight, queuedRequests: demand.queued, spread: demand.spread))
  }
}

/// What the tables `demand` and `spread` add to an observation.
private struct StoredDemand {
  var arrivals: Arrivals?
  var inFlight: Double?
  var queued: Double?
  var spread: TrafficSpread?

  /// Reads the columns after the observation's own; long histories are read without them.
  init(_ row: Row) throws {
    guard row.count > 7 else { return }
    let count: Double? = try row.decode(atIndex: 7)
    let basis: String? = try row.decode(atIndex: 8)
    arrivals = try count.flatMap { count in
      guard let basis = basis.flatMap(Arrivals.Basis.init) else { return nil }
      return Arrivals(
        count: count, basis: basis, indexOfDispersion: try row.decode(atIndex: 9))
    }
    inFlight = try row.decode(atIndex: 10)
    queued = try row.decode(atIndex: 11)
    // A histogram that a newer version writes otherwise is none: nothing rests on it for long.
    spread = try (row.decode(atIndex: 12) as String?).flatMap {
      try? JSONText.decode(TrafficSpread.self, from: $0)
    }
  }
}
