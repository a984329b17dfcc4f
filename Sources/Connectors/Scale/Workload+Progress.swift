import Planning

/// How far a workload is with what is asked for, as its kind states it.
///
/// Sources: Kubernetes API reference, `apps/v1` DeploymentStatus and StatefulSetStatus; LeaderWorkerSet,
/// `leaderworkerset.x-k8s.io/v1`; Grove, `grove.io/v1alpha1` PodClique.
struct WorkloadProgress: Sendable, Equatable {
  /// Whether its controller has taken up the newest spec.
  var isCurrent: Bool
  /// Replicas that exist.
  var existing: Int
  /// Replicas that serve; nil where the kind doesn't tell.
  var ready: Int?
  /// Replicas that its controller has given up waiting for; nil where it has not, or never says so.
  var failing: Int?
  /// Why it is rolling out; nil when it is not.
  var rollout: String?

  /// Whether `asked` replicas are there, ready, and all of the newest spec.
  func isStable(_ asked: Int) -> Bool {
    isCurrent && rollout == nil && existing == asked && (ready ?? asked) == asked
  }
}

extension Workload {
  /// How far it is.
  var progress: WorkloadProgress {
    let status = object["status"]
    func count(_ field: String) -> Int { status?[field]?.int ?? 0 }
    var progress = WorkloadProgress(
      isCurrent: isCurrent(whenUnstated: shape == .leaderWorkerSet || shape == .other),
      existing: count("replicas"))
    switch shape {
    case .deployment:
      progress.ready = count("availableReplicas")
      progress.rollout = rolloutOfDeployment(
        updated: count("updatedReplicas"), existing: progress.existing)
      // False once no pod has become ready for `progressDeadlineSeconds`, 600 unless it says otherwise.
      if condition("Progressing") == "False" {
        progress.failing = max(0, replicas - count("availableReplicas"))
      }
    case .statefulSet:
      // Servers before 1.22 don't count available ones.
      progress.ready = status?["availableReplicas"]?.int ?? count("readyReplicas")
      progress.rollout = rolloutOfStatefulSet(updated: count("updatedReplicas"))
    case .leaderWorkerSet:
      progress.ready = count("readyReplicas")
      let isUpdating = condition("UpdateInProgress") == "True"
      // The condition has been seen to stay when all groups were updated and one was not ready.
      if isUpdating, count("updatedReplicas") < replicas {
        progress.rollout = "\(count("updatedReplicas")) of \(replicas) groups updated"
      }
    case .podClique:
      progress.ready = count("readyReplicas")
      for update in [status?["updateProgress"], status?["rollingUpdateProgress"]] {
        guard let update, update["updateStartedAt"]?.text != nil,
          update["updateEndedAt"]?.text == nil
        else { continue }
        progress.rollout = "\(count("updatedReplicas")) of \(replicas) pods updated"
      }
    case .other:
      progress.existing = scale?.status?.replicas ?? 0
      progress.ready = status?["availableReplicas"]?.int ?? status?["readyReplicas"]?.int
      if let updated = status?["updatedReplicas"]?.int, updated < progress.existing {
        progress.rollout = "\(updated) of \(progress.existing) replicas updated"
      }
    }
    return progress
  }

  private func isCurrent(whenUnstated fallback: Bool) -> Bool {
    guard let observed = object["status.observedGeneration"]?.int, let generation else {
      return fallback
    }
    return observed >= generation
  }

  private func condition(_ type: String) -> String? {
    object["status.conditions"]?.elements.first { $0["type"]?.text == type }?["status"]?.text
  }

  private func rolloutOfDeployment(updated: Int, existing: Int) -> String? {
    guard updated < existing else { return nil }
    let paused = object["spec.paused"]?.flag == true ? ", and it is paused" : ""
    return "\(updated) of \(existing) replicas updated\(paused)"
  }

  /// Pods below the partition keep the old revision for good, and so do all of one that is updated by
  /// hand.
  private func rolloutOfStatefulSet(updated: Int) -> String? {
    guard object["spec.updateStrategy.type"]?.text != "OnDelete",
      let current = object["status.currentRevision"]?.text,
      let update = object["status.updateRevision"]?.text, current != update
    else { return nil }
    let partition = object["spec.updateStrategy.rollingUpdate.partition"]?.int ?? 0
    let wanted = max(0, replicas - partition)
    return updated < wanted ? "\(updated) of \(wanted) replicas updated" : nil
  }
}

extension [Component: Workload] {
  /// Whether they may be scaled now.
  var readiness: Readiness {
    let all = sorted { $0.key < $1.key }.map(\.value)
    for workload in all {
      if workload.isBeingDeleted { return .busy("\(workload.title) is being deleted.") }
      let progress = workload.progress
      guard progress.isCurrent else {
        return .busy("The newest spec of \(workload.title) has not been taken up yet.")
      }
      if let rollout = progress.rollout {
        return .busy("A rollout of \(workload.title) is under way (\(rollout)).")
      }
    }
    guard let first = all.first(where: { !$0.progress.isStable($0.replicas) }) else {
      return .ready
    }
    let progress = first.progress
    let reason =
      "\(first.title) is still scaling: \(first.replicas) replicas asked for, \(progress.existing) there, \(progress.ready.map(String.init) ?? "an unknown number of") ready."
    // Replicas that exist and start are disturbed by nothing that is added.
    let isOnlyStarting = all.allSatisfy {
      $0.progress.existing == $0.replicas && ($0.progress.ready ?? $0.replicas) <= $0.replicas
    }
    return isOnlyStarting ? .startingWorkers(reason) : .busy(reason)
  }
}
