/// A DynamoGraphDeployment, whichever API version it was read in.
struct GraphDeployment: Sendable, Equatable {
  /// The `Ready` condition.
  struct Condition: Sendable, Equatable {
    var status: String
    var reason: String?
    var message: String?
  }

  /// `v1alpha1` or `v1beta1`.
  var version: String
  var name: String
  var uid: String?
  var resourceVersion: String
  /// Counts the changes of the spec.
  var generation: Int?
  var isBeingDeleted = false
  /// The generation that the operator's status is about.
  var observedGeneration: Int?
  var ready: Condition?
  /// `Pending`, `InProgress`, `Completed`, `Failed`; nil when there was never a rolling update.
  var rollingUpdatePhase: String?
  /// `Pending`, `Restarting`, …; nil when no restart was ever asked for.
  var restartPhase: String?
  /// In the spec's order; by name where the spec is a mapping.
  var components: [GraphComponent]

  /// Whether the operator's status is about the newest spec.
  var isStatusCurrent: Bool {
    guard let generation, let observedGeneration else { return false }
    return observedGeneration >= generation
  }
}

/// One component (v1alpha1: service) of a DynamoGraphDeployment.
struct GraphComponent: Sendable, Equatable {
  /// What a component does.
  enum Role: Sendable, Equatable {
    case prefill
    case decode
    /// A worker of no particular kind.
    case worker
    case frontend
    /// Any other kind, or none stated.
    case other(String?)
  }

  /// What the operator reports of it.
  struct Status: Sendable, Equatable, Decodable {
    var updatedReplicas: Int?
    var readyReplicas: Int?
    var availableReplicas: Int?
    var replicas: Int?
    /// GPUs of one engine; a replica may hold more.
    var gpusPerEngine: Int?
    /// GPUs that one replica holds.
    var gpusPerReplica: Int?
    var servedModelName: String?
  }

  var name: String
  /// Position in `spec.components` (v1beta1).
  var index: Int?
  var role: Role
  /// Replicas that the spec states.
  var statedReplicas: Int?
  /// Whether a scaling adapter owns the replicas.
  var hasScalingAdapter: Bool
  /// Replicas that the scaling adapter asks for, which the operator passes on to the spec; nil
  /// where there is none or it could not be read.
  var adapterReplicas: Int?
  /// GPUs of one replica as the spec states them, over all its nodes.
  var statedGPUs: Int?
  /// What the spec asks for that may be GPUs, but tells no number of them (DRA claims, fractions).
  var uncountedDevices: [String] = []
  /// The main container's arguments, split into words as a shell would.
  var arguments: [String]
  var status: Status?

  /// Replicas asked for; the operator takes an absent number as 1.
  var replicas: Int { adapterReplicas ?? statedReplicas ?? 1 }

  /// Whether the spec says what the adapter asks for.
  var isPassedOn: Bool { adapterReplicas == nil || adapterReplicas == statedReplicas ?? 1 }

  /// Replicas that serve; nil when the operator doesn't say.
  var readyReplicas: Int? { status?.availableReplicas ?? status?.readyReplicas }

  /// Whether the routers of several frontends tell each other of the load that they place, so that
  /// each one's page shows all of it.
  var sharesLoadWithReplicas: Bool {
    arguments.contains { ["--router-replica-sync", "--router-replica-sync=true"].contains($0) }
  }

  /// Whether asked for, updated and ready replicas agree. An absent number of updated ones is 0.
  var isStable: Bool {
    guard let status else { return false }
    return (status.updatedReplicas ?? 0) == replicas && readyReplicas == replicas
  }
}
