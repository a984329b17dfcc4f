/// The statements of the state file. None may scan a table: the cost of an invocation must
/// not grow with the age of the file (a test asks SQLite for the plan of each).
enum StateQuery: String, CaseIterable {
  case findDeployment = """
    SELECT id FROM deployment WHERE name = :name
    """
  case addDeployment = """
    INSERT INTO deployment (name) VALUES (:name)
    """

  case findLease = """
    SELECT owner, expires FROM lease WHERE deployment = :deployment
    """
  case takeLease = """
    INSERT INTO lease (deployment, owner, expires) VALUES (:deployment, :owner, :expires)
    ON CONFLICT (deployment) DO UPDATE SET owner = excluded.owner, expires = excluded.expires
    """
  case endLease = """
    DELETE FROM lease WHERE deployment = :deployment AND owner = :owner
    """

  case findParts = """
    SELECT part, document FROM memory WHERE deployment = :deployment
    """
  case setPart = """
    INSERT INTO memory (deployment, part, document, updated)
    VALUES (:deployment, :part, :document, :updated)
    ON CONFLICT (deployment, part)
    DO UPDATE SET document = excluded.document, updated = excluded.updated
    """

  case findPart = """
    SELECT document FROM memory WHERE deployment = :deployment AND part = :part
    """

  case newestFailedRun = """
    SELECT id, first, last, count, code, error FROM failed_run
    WHERE deployment = :deployment ORDER BY last DESC LIMIT 1
    """
  case failedRuns = """
    SELECT id, first, last, count, code, error FROM failed_run
    WHERE deployment = :deployment AND last >= :since AND last < :until ORDER BY last DESC
    LIMIT :limit
    """
  case addFailedRun = """
    INSERT INTO failed_run (deployment, first, last, count, code, error)
    VALUES (:deployment, :time, :time, 1, :code, :error)
    """
  case repeatFailedRun = """
    UPDATE failed_run SET last = :time, count = count + 1 WHERE id = :id
    """
  case pruneFailedRuns = """
    DELETE FROM failed_run WHERE id IN (
      SELECT id FROM failed_run WHERE deployment = :deployment AND last < :cutoff
      ORDER BY last LIMIT :limit)
    """

  case newestIntervalEnd = """
    SELECT max((SELECT max(interval_end) FROM observation
      WHERE deployment = :deployment AND interval_seconds = seconds)) FROM length
    """
  case newestObservations = """
    SELECT interval_end, request_count, isl, osl, ttft_ms, itl_ms, request_duration_s,
      arrivals, basis, dispersion, in_flight, queued, document
    FROM observation LEFT JOIN demand USING (deployment, interval_seconds, interval_end)
      LEFT JOIN spread USING (deployment, interval_seconds, interval_end)
    WHERE deployment = :deployment AND interval_seconds = :intervalSeconds
    ORDER BY interval_end DESC LIMIT :limit
    """
  case addObservation = """
    INSERT INTO observation (deployment, interval_seconds, interval_end, request_count, isl, osl,
      ttft_ms, itl_ms, request_duration_s)
    VALUES (:deployment, :intervalSeconds, :intervalEnd, :requestCount, :isl, :osl, :ttft, :itl,
      :requestDuration)
    ON CONFLICT (deployment, interval_seconds, interval_end) DO NOTHING
    """
  case pruneObservations = "observation"

  case addDemand = """
    INSERT INTO demand (deployment, interval_seconds, interval_end, arrivals, basis, dispersion,
      in_flight, queued)
    VALUES (:deployment, :intervalSeconds, :intervalEnd, :arrivals, :basis, :dispersion, :inFlight,
      :queued)
    ON CONFLICT (deployment, interval_seconds, interval_end) DO NOTHING
    """
  case pruneDemand = "demand"
  case addSpread = """
    INSERT INTO spread (deployment, interval_seconds, interval_end, document)
    VALUES (:deployment, :intervalSeconds, :intervalEnd, :document)
    ON CONFLICT (deployment, interval_seconds, interval_end) DO NOTHING
    """
  case pruneSpreads = "spread"

  case findPending = """
    SELECT id, time, status, is_change, document, input, error FROM decision
    WHERE deployment = :deployment AND status = 'pending'
    """
  case addDecision = """
    INSERT INTO decision (deployment, time, status, is_change, document, input, error)
    VALUES (:deployment, :time, :status, :isChange, :document, :input, :error)
    """
  case settleDecision = """
    UPDATE decision SET status = :status, document = :document, error = :error
    WHERE id = :id AND deployment = :deployment AND status = 'pending'
    """
  /// Settles a decision of an earlier invocation, whose document is not at hand.
  case settleEarlierDecision = """
    UPDATE decision SET status = :status, error = :error,
      document = CASE WHEN json_type(document, '$.status') IS NULL THEN document
        ELSE json_set(document, '$.status', :status) END
    WHERE id = :id AND deployment = :deployment AND status = 'pending'
    """
  case pruneDecisions = """
    DELETE FROM decision WHERE id IN (
      SELECT id FROM decision
      WHERE deployment = :deployment AND time < :cutoff AND status <> 'pending'
      ORDER BY time LIMIT :limit)
    """

  case decision = """
    SELECT id, time, status, is_change, document, input, error FROM decision WHERE id = :id
    """
  case newestDecisions = """
    SELECT id, time, status, is_change, document, input, error FROM decision
    WHERE deployment = :deployment ORDER BY time DESC, id DESC LIMIT :limit
    """
  case olderDecisions = """
    SELECT id, time, status, is_change, document, input, error FROM decision
    WHERE deployment = :deployment
      AND (time, id) < ((SELECT time FROM decision WHERE id = :before), :before)
    ORDER BY time DESC, id DESC LIMIT :limit
    """

  case decisionExtent = """
    SELECT count(*), min(time), max(time) FROM decision
    WHERE deployment = :deployment AND time >= :since AND time < :until
    """
  case firstDecision = """
    SELECT id, time, status, is_change, document, error FROM decision
    WHERE deployment = :deployment AND time >= :since AND time < :until
    ORDER BY time, id LIMIT 1
    """
  case decisionSummaries = """
    SELECT id, time, status, is_change, document, error FROM decision
    WHERE deployment = :deployment AND time >= :since AND time < :until
    ORDER BY time, id
    """
  case changeSummaries = """
    SELECT id, time, status, is_change, document, error FROM decision
    WHERE deployment = :deployment AND time >= :since AND time < :until AND is_change = 1
    ORDER BY time, id
    """
  case timeFromEnd = """
    SELECT time FROM decision WHERE deployment = :deployment AND time < :until
    ORDER BY time DESC, id DESC LIMIT 1 OFFSET :offset
    """
  case timeOfChangeFromEnd = """
    SELECT time FROM decision
    WHERE deployment = :deployment AND time < :until AND is_change = 1
    ORDER BY time DESC, id DESC LIMIT 1 OFFSET :offset
    """
  case intervalLengths = """
    SELECT seconds, (SELECT max(interval_end) FROM observation
      WHERE deployment = :deployment AND interval_seconds = seconds)
    FROM length WHERE seconds IS NOT NULL
    """
  case observationsInOrder = """
    SELECT interval_end, request_count, isl, osl, ttft_ms, itl_ms, request_duration_s
    FROM observation WHERE deployment = :deployment AND interval_seconds = :intervalSeconds
      AND interval_end >= :since AND interval_end < :until
    ORDER BY interval_end
    """

  case findScaling = """
    SELECT prefill_workers, decode_workers, decision_id, scaled_decision_id, decided_at
    FROM virtual_scaling WHERE namespace = :namespace
    """
  case setScaling = """
    INSERT INTO virtual_scaling
      (namespace, prefill_workers, decode_workers, decision_id, decided_at)
    VALUES (:namespace, :prefill, :decode, :id, :time)
    ON CONFLICT (namespace) DO UPDATE SET
      prefill_workers = coalesce(excluded.prefill_workers, prefill_workers),
      decode_workers = coalesce(excluded.decode_workers, decode_workers),
      decision_id = excluded.decision_id, decided_at = excluded.decided_at
    """
  case acknowledgeScaling = """
    UPDATE virtual_scaling SET scaled_decision_id = :id WHERE namespace = :namespace
    """

  /// The statement. Those that need the interval lengths in use have them in `length`; those that
  /// prune a table of intervals have its name for raw value.
  var sql: String {
    switch self {
    case .newestIntervalEnd, .intervalLengths: Self.lengths(in: "observation") + rawValue
    case .pruneObservations, .pruneDemand, .pruneSpreads:
      Self.lengths(in: rawValue) + """
        DELETE FROM \(rawValue) WHERE (deployment, interval_seconds, interval_end) IN (
          SELECT deployment, interval_seconds, interval_end FROM length CROSS JOIN \(rawValue)
          WHERE deployment = :deployment AND interval_seconds = seconds AND interval_end < :cutoff
          LIMIT :limit)
        """
    default: rawValue
    }
  }

  /// The interval lengths in use, found by jumping from one to the next in the primary key.
  private static func lengths(in table: String) -> String {
    """
    WITH RECURSIVE length (seconds) AS (
      SELECT min(interval_seconds) FROM \(table) WHERE deployment = :deployment
      UNION ALL
      SELECT (SELECT min(interval_seconds) FROM \(table)
        WHERE deployment = :deployment AND interval_seconds > seconds)
      FROM length WHERE seconds IS NOT NULL
    )

    """
  }
}
