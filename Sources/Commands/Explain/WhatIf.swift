import Application
import EngineProfiles
import Planning
import Reporting
import Settings
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Remembers what was made of the last policy: thousands of decisions in a row were made with one.
final class PolicyMemory: Sendable {
  private let last = Mutex<(recorded: PlanningPolicy, other: PlanningPolicy)?>(nil)

  /// What `make` makes of `recorded`.
  func policy(
    _ recorded: PlanningPolicy, _ make: (PlanningPolicy) throws -> PlanningPolicy
  ) rethrows -> PlanningPolicy {
    if let last = last.withLock({ $0 }), last.recorded == recorded { return last.other }
    let other = try make(recorded)
    last.withLock { $0 = (recorded, other) }
    return other
  }
}

/// Decides recorded moments again with some of their settings changed.
struct WhatIf {
  let given: GivenSettings
  let changes: [String: String]

  /// - Throws: ``CommandFailure`` for what can't be changed.
  init(given: GivenSettings, texts: [String]) throws {
    self.given = given
    do throws(WhatIfError) {
      changes = try RecordedPolicy.changes(texts)
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }

  /// The recorded policy with the changes, and what differs.
  func policy(
    _ recorded: PlanningPolicy
  ) throws -> (policy: PlanningPolicy, differences: [SettingDifference]) {
    let before = RecordedPolicy(recorded)
    do throws(SettingsError) {
      let policy = try before.policy(with: changes)
      return (policy, RecordedPolicy(policy).differences(from: before))
    } catch {
      throw CommandFailure(.usage, "--with: \(error)")
    }
  }

  /// The engine's profile, for a policy that needs one.
  func profile(_ policy: PlanningPolicy) throws -> EngineProfile? {
    guard policy.throughput != nil else { return nil }
    let throughput = try given.read(ThroughputSettings.self)
    let folder = throughput.profileDirectory
    // Decisions on a learned engine hold the engine themselves.
    guard throughput.enginePrior == nil, FileManager.default.fileExists(atPath: folder) else {
      return nil
    }
    return try ProfileFiles(directory: folder, mode: policy.mode).profile
  }

  /// One decision beside what it would have been.
  func decide(_ past: PastDecision) throws -> WhatIfText {
    let input = past.record.input
    let (policy, differences) = try policy(input.policy)
    let profile = input.traffic?.engine == nil ? try profile(policy) : nil
    var other = input
    other.policy = policy
    return WhatIfText(
      past, again: try Planner.decide(input, profile: profile).decision,
      other: try Planner.decide(other, profile: profile).decision,
      settings: differences.map { .init($0) })
  }
}
