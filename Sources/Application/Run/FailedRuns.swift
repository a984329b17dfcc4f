import Glibc
import Invocation
import Settings
import StateStore

/// Leaves a row in the state file for a run that ended with an error, so that `sla-planner status`
/// and `history` tell of it wherever the log is.
package enum FailedRuns {
  /// Notes the failure of a run with those flags, if its state file is there and takes it: what went
  /// wrong is told anyway.
  ///
  /// Not noted are runs that were stopped, that left the deployment to another one, and replays.
  package static func note(_ failure: CommandFailure, flags: [String: String]) {
    guard failure.isNoted, flags["replay"] == nil, getenv("SLA_PLANNER_REPLAY") == nil,
      let given = try? GivenSettings.reading(flags: flags),
      let state = try? given.read(StateSettings.self)
    else { return }
    let settings = StateFileSettings(state)
    let names = (try? SQLiteStateStore(settings, deployment: "-").deployments()) ?? []
    guard let name = deployment(given, among: names) else { return }
    let now = try? given.number(of: OutputSettings.moment)
    try? SQLiteStateStore(settings, deployment: name).noteFailedRun(
      at: now ?? SystemClock().now(), code: Int(failure.code.rawValue), error: failure.description)
  }

  /// The deployment that the settings mean among those of the file; nil when it is not there yet.
  private static func deployment(_ given: GivenSettings, among names: [String]) -> String? {
    let common = try? given.read(CommonSettings.self)
    let wanted = common.flatMap {
      $0.environment == .virtual ? $0.dynamoNamespace : $0.deploymentName
    }
    guard let wanted else { return names.count == 1 ? names[0] : nil }
    let meant = names.filter { $0 == wanted || $0.hasSuffix("/\(wanted)") }
    return meant.count == 1 ? meant[0] : nil
  }
}

extension CommandFailure {
  /// Whether a run that ended with it has failed, rather than being stopped or turned away.
  fileprivate var isNoted: Bool { ![.leased, .terminated, .unwritten].contains(code) }
}
