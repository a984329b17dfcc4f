/// etcd and Kubernetes.
public struct ConnectorSettings: SettingsSection {
  package static let title = "Connectors"

  /// The etcd of the virtual environment.
  public var etcd: EtcdSettings
  /// The cluster of the kubernetes environment.
  public var kubernetes: KubernetesSettings

  package init(_ options: inout OptionReader) throws(SettingsError) {
    etcd = try EtcdSettings(&options)
    kubernetes = try KubernetesSettings(&options)
  }

  package static func check(_ options: OptionReader) throws(SettingsError) {
    try AccessRules.check(options, [.etcd])
  }
}

/// The etcd of the virtual environment.
public struct EtcdSettings: Sendable, Equatable {
  /// URLs to try in this order, without slashes at their ends; empty when the state file takes
  /// etcd's place.
  public var endpoints: [String]
  /// Seconds that a decision waits for its acknowledgement before the next may follow, at least 0.
  /// Holds for the embedded store too.
  public var maximumWaitSeconds: Double
  /// How to authenticate there; bearer tokens are etcd's own affair.
  public var access: ServerAccess

  init(_ options: inout OptionReader) throws(SettingsError) {
    endpoints = try options.list(
      .init(
        "etcd-endpoints", .addressList, unit: "URL,…", environment: ["ETCD_ENDPOINTS"],
        help: """
          etcd of the virtual environment, tried in this order; also $ETCD_ENDPOINTS (default: \
          none, the state file takes its place).
          """)
    ).map(withoutSlash)
    maximumWaitSeconds = try options.number(
      .init(
        "scaling-max-wait-time", .number(0...31_536_000), default: "1800", unit: "seconds",
        environment: ["SCALING_MAX_WAIT_TIME"],
        help: """
          How long a virtual decision waits for its acknowledgement before the next may follow.
          """))
    access = try ServerAccess(&options, .etcd)
  }
}

/// How the cluster of the kubernetes environment is reached.
public struct KubernetesSettings: Sendable, Equatable {
  /// Access outside of a cluster: files, separated by colons.
  public var kubeconfig: String?
  /// Name of the Lease that keeps other planners away; nil for the deployment's and `-planner`.
  public var givenLeaseName: String?
  /// Whether the last change is written into an annotation of the deployment.
  public var annotates: Bool
  /// The deployment's namespace; nil for the service account's or the kubeconfig's.
  public var namespace: String?
  /// Names this planner in the events it records; nil outside of a pod.
  public var podName: String?
  /// Folder with the pod's service account; nil for the usual one.
  public var serviceAccountDirectory: String?

  init(_ options: inout OptionReader) throws(SettingsError) {
    kubeconfig = try options.optionalText(
      .init(
        "kubeconfig", .text, unit: "file", flag: PlannerOption.FlagStyle.none,
        environment: ["KUBECONFIG"], help: "Kubernetes access outside of a cluster."))
    givenLeaseName = try options.optionalText(
      .init(
        "kubernetes-lease", .kubernetesName, unit: "name",
        help: """
          Lease that keeps other planners away; it has to exist (default: the deployment's name \
          and '-planner'). A dry run takes none.
          """))
    annotates = try options.boolean(
      .init(
        "annotate", .boolean, default: "false",
        help: """
          Also write the last change into the deployment's annotation sla-planner/last-decision; \
          needs the right to patch the deployment.
          """))
    namespace = try options.optionalText(
      .init(
        "pod-namespace", .kubernetesName, unit: "name", flag: PlannerOption.FlagStyle.none,
        environment: ["POD_NAMESPACE"],
        help: """
          Namespace of the deployment (default: the service account's, else the kubeconfig's).
          """))
    podName = try options.optionalText(
      .init(
        "pod-name", .text, unit: "name", flag: PlannerOption.FlagStyle.none,
        environment: ["POD_NAME"], help: "Names this planner in the events it records."))
    serviceAccountDirectory = try options.optionalText(
      .init(
        "service-account-dir", .text, unit: "folder", flag: PlannerOption.FlagStyle.none,
        help: """
          Folder with token, ca.crt and namespace of the service account, where it is not mounted \
          in its usual place.
          """))
  }
}

/// `url` without slashes at its end.
func withoutSlash(_ url: String) -> String {
  String(url.reversed().drop { $0 == "/" }.reversed())
}
