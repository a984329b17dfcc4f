import Invocation
import Planning
import Reporting
import Simulation
import Synchronization

/// Gathers what a simulated planner saw and decided, as a report on a real one does.
final class SimulatedPlannerLog: Sendable {
  /// The newest decisions that are listed with their explanation.
  private static let listed = 50

  private struct Gathered {
    var data: ReportData
    var newest: [DecisionDocument] = []
    var last: DecisionRecord?
    var count = 0
  }

  private let gathered: Mutex<Gathered>
  private let intervalSeconds: Int?

  /// Begins a log.
  ///
  /// - Parameter interval: length of the planner's adjustment interval in seconds; nil without one.
  init(_ run: SimulationRun, interval: Int?) {
    let epoch = Double(run.settings.epoch(intervalSeconds: interval))
    intervalSeconds = interval
    let heading = ReportHeading(
      title: "planner", mode: run.settings.cluster.mode, targets: run.settings.targets,
      intervalSeconds: interval, clock: .elapsed(since: epoch))
    gathered = Mutex(Gathered(data: ReportData(heading, span: epoch...(epoch + run.end))))
  }

  /// Adds the next decision.
  func add(_ moment: PlannedMoment) {
    let decision = moment.record.decision
    gathered.withLock { gathered in
      gathered.count += 1
      let document = DecisionDocument(
        decision, id: gathered.count, deployment: "simulated",
        status: decision.status == .pending ? .applied : decision.status)
      for observation in moment.observations { gathered.data.add(observation) }
      gathered.data.add(
        ReportMoment(
          document, time: decision.time, isChange: !decision.changes.isEmpty,
          intervalSeconds: intervalSeconds))
      gathered.last = moment.record
      gathered.newest.append(document)
      if gathered.newest.count > 2 * Self.listed {
        gathered.newest.removeFirst(gathered.newest.count - Self.listed)
      }
    }
  }

  /// Everything that was added.
  var data: ReportData {
    gathered.withLock { gathered in
      var data = gathered.data
      data.decisions = gathered.newest.suffix(Self.listed).reversed()
      data.regressions = gathered.last.map(ReportRegression.all(of:)) ?? []
      return data
    }
  }
}
