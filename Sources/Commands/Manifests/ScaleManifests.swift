import Connectors
import Settings

/// Everything that a scheduled run on some workloads needs in the cluster: an account with exactly the
/// rights for these targets, the Lease, a volume for the state, the CronJob.
struct ScaleManifests {
  /// What the run is told.
  let settings: RunSettings
  /// The cluster's namespace.
  let namespace: String
  /// What the Role grants.
  let permissions: [KubernetesPermission]
  /// The planner's image.
  let image: String

  private var name: String { "sla-planner-\(settings.deploymentName ?? "")" }

  /// The objects, in the order they are created.
  var objects: [ManifestValue] {
    var objects = [account, role, binding, volume, cronJob]
    if !settings.isDryRun, let lease = settings.leaseName {
      objects.insert(
        object("coordination.k8s.io/v1", "Lease", named: lease, []), at: 3)
    }
    return objects
  }

  // MARK: Rights

  private var account: ManifestValue {
    object("v1", "ServiceAccount", [("automountServiceAccountToken", .flag(false))])
  }

  private var role: ManifestValue {
    object("rbac.authorization.k8s.io/v1", "Role", [("rules", .list(rules))])
  }

  /// One rule for each resource and name, with all its verbs.
  private var rules: [ManifestValue] {
    var verbs: [(key: KubernetesPermission, verbs: [String])] = []
    for permission in permissions {
      var key = permission
      key.verb = ""
      key.isEssential = true
      if let index = verbs.firstIndex(where: { $0.key == key }) {
        verbs[index].verbs.append(permission.verb)
      } else {
        verbs.append((key, [permission.verb]))
      }
    }
    return verbs.map { key, verbs in
      var rule: [(String, ManifestValue)] = [
        ("apiGroups", .texts([key.group])), ("resources", .texts([key.fullResource])),
      ]
      if let name = key.name { rule.append(("resourceNames", .texts([name]))) }
      return .table(rule + [("verbs", .texts(verbs))])
    }
  }

  private var binding: ManifestValue {
    object(
      "rbac.authorization.k8s.io/v1", "RoleBinding",
      [
        (
          "roleRef",
          .table([
            ("apiGroup", .text("rbac.authorization.k8s.io")), ("kind", .text("Role")),
            ("name", .text(name)),
          ])
        ),
        (
          "subjects",
          .list([
            .table([
              ("kind", .text("ServiceAccount")), ("name", .text(name)),
              ("namespace", .text(namespace)),
            ])
          ])
        ),
      ])
  }

  // MARK: Run

  private var volume: ManifestValue {
    object(
      "v1", "PersistentVolumeClaim",
      [
        (
          "spec",
          .table([
            ("accessModes", .texts(["ReadWriteOnce"])),
            (
              "resources",
              .table([("requests", .table([("storage", .text("1Gi"))]))])
            ),
          ])
        )
      ])
  }

  /// The flags of this command, and what a schedule adds: rounds for a minute where workers are
  /// scaled by their load.
  private var arguments: [String] {
    var arguments = ["run", "--log-format=json"]
    for entry in settings.entries {
      guard case .flag = entry.origin, !Self.ownFlags.contains(entry.name) else { continue }
      arguments.append("--\(entry.name)" + (Self.isSwitch(entry.name) ? "" : "=\(entry.value)"))
      if Self.isSwitch(entry.name), entry.value == "false" {
        arguments[arguments.count - 1] = "--" + entry.name.replacing("enable-", with: "disable-")
      }
    }
    if settings.load != nil, settings.repeatSeconds == nil { arguments.append("--repeat-for=55s") }
    return arguments
  }

  /// Of the schedule's own, not of whoever makes the manifests.
  private static let ownFlags: Set<String> = ["state", "output", "log-format"]

  private static func isSwitch(_ name: String) -> Bool {
    OptionTable.options.first { $0.name == name }?.kind == .boolean
  }

  private var cronJob: ManifestValue {
    let deadline = Int(settings.deadlineSeconds.rounded(.up))
    let rounds = settings.load == nil ? 0 : Int((settings.repeatSeconds ?? 55).rounded(.up))
    return object(
      "batch/v1", "CronJob",
      [
        (
          "spec",
          .table([
            ("schedule", .text("* * * * *")), ("suspend", .flag(false)),
            ("concurrencyPolicy", .text("Forbid")), ("startingDeadlineSeconds", .number(30)),
            (
              "jobTemplate",
              .table([
                (
                  "spec",
                  .table([
                    ("backoffLimit", .number(0)),
                    ("activeDeadlineSeconds", .number(deadline + rounds + 70)),
                    ("ttlSecondsAfterFinished", .number(3600)),
                    (
                      "template",
                      .table([("metadata", .table([("labels", labels)])), ("spec", pod)])
                    ),
                  ])
                )
              ])
            ),
          ])
        )
      ])
  }

  /// A pod that fits the restricted profile of Pod Security.
  private var pod: ManifestValue {
    .table([
      ("restartPolicy", .text("Never")), ("serviceAccountName", .text(name)),
      ("automountServiceAccountToken", .flag(true)),
      (
        "securityContext",
        .table([
          ("runAsNonRoot", .flag(true)), ("runAsUser", .number(65532)),
          ("runAsGroup", .number(65532)), ("fsGroup", .number(65532)),
          ("seccompProfile", .table([("type", .text("RuntimeDefault"))])),
        ])
      ),
      ("containers", .list([container])),
      (
        "volumes",
        .list([
          .table([
            ("name", .text("state")),
            ("persistentVolumeClaim", .table([("claimName", .text(name))])),
          ]),
          .table([("name", .text("temporary")), ("emptyDir", .table([]))]),
        ])
      ),
    ])
  }

  private var container: ManifestValue {
    func field(_ variable: String, _ path: String) -> ManifestValue {
      .table([
        ("name", .text(variable)),
        (
          "valueFrom",
          .table([
            ("fieldRef", .table([("apiVersion", .text("v1")), ("fieldPath", .text(path))]))
          ])
        ),
      ])
    }
    func amounts(_ cpu: String, _ memory: String) -> ManifestValue {
      .table([("cpu", .text(cpu)), ("memory", .text(memory))])
    }
    func mount(_ name: String, _ path: String) -> ManifestValue {
      .table([("name", .text(name)), ("mountPath", .text(path))])
    }
    return .table([
      ("name", .text("sla-planner")), ("image", .text(image)), ("args", .texts(arguments)),
      (
        "env",
        .list([
          field("POD_NAMESPACE", "metadata.namespace"), field("POD_NAME", "metadata.name"),
          .table([
            ("name", .text("SLA_PLANNER_STATE")), ("value", .text("/state/planner.sqlite")),
          ]),
        ])
      ),
      (
        "resources",
        .table([("requests", amounts("50m", "64Mi")), ("limits", amounts("1", "256Mi"))])
      ),
      (
        "securityContext",
        .table([
          ("allowPrivilegeEscalation", .flag(false)), ("readOnlyRootFilesystem", .flag(true)),
          ("capabilities", .table([("drop", .texts(["ALL"]))])),
        ])
      ),
      ("volumeMounts", .list([mount("state", "/state"), mount("temporary", "/tmp")])),
    ])
  }

  // MARK: Pieces

  private var labels: ManifestValue {
    .table([
      ("app.kubernetes.io/name", .text("sla-planner")),
      ("app.kubernetes.io/instance", .text(name)),
    ])
  }

  private func object(
    _ version: String, _ kind: String, named given: String? = nil,
    _ members: [(String, ManifestValue)]
  ) -> ManifestValue {
    .table(
      [
        ("apiVersion", .text(version)), ("kind", .text(kind)),
        (
          "metadata",
          .table([
            ("name", .text(given ?? name)), ("namespace", .text(namespace)), ("labels", labels),
          ])
        ),
      ] + members)
  }
}
