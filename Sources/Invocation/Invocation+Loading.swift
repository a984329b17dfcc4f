import Planning

/// What an invocation starts from.
struct Loaded {
  /// What the store holds.
  var saved: PlannerState
  /// The same for the settings of today.
  var state: PlannerState
  /// The past, as far as it is needed.
  var history: History
}

extension Invocation {
  /// Decodes the state, and reads the history that it needs.
  func load(_ stored: StoredState, at time: Double) async throws -> Loaded {
    let saved = try decode(stored)
    let needed = planner.storedIntervalsNeeded(by: saved, at: time)
    var history = History()
    if needed > 0 {
      history.intervals = try ports.store.observations(
        intervalSeconds: settings.planner.predictor.intervalSeconds, limit: needed
      ).map(\.observation)
    }
    let state = planner.rebuilt(saved, on: history)
    if planner.needsWarmUpTrace(state) { history.warmUpTrace = try ports.warmUp?() ?? [] }
    if let kept = stored.parts[.connector] { await ports.connector.resume(kept) }
    return Loaded(saved: saved, state: state, history: history)
  }

  private func decode(_ stored: StoredState) throws -> PlannerState {
    if let owner = stored.tookOverFrom {
      logger.warning("An earlier invocation (\(owner)) ended without giving its lease back.")
    }
    for notice in stored.notices { logger.warning("\(notice)") }
    do {
      return try PlannerState(stored)
    } catch let error as UnreadableState {
      throw StateError.unreadablePart(
        path: settings.statePath, part: error.part.rawValue, reason: error.reason)
    }
  }
}
