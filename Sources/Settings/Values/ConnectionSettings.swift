/// Where Prometheus is.
public struct PrometheusSettings: Sendable, Equatable {
  /// The URL that `/api/v1/…` is added to, without a slash at its end.
  public var endpoint: String
  /// How to authenticate there.
  public var access: ServerAccess
  /// A header of every request, `NAME=VALUE` or `NAME=@FILE`; nil for none.
  public var header: String?
  /// Fields added to every query, as they stand in a URL: `a=b&c=d`.
  public var queryParameters: String?

  init(_ values: SettingsValues) throws(SettingsError) {
    endpoint = withoutSlash(try values.text(.prometheusEndpoint))
    header = try Self.assignments(values, .prometheusHeader)
    queryParameters = try Self.assignments(values, .prometheusQueryParameter)
    access = try ServerAccess(values, .prometheus)
  }
}

extension PrometheusSettings {
  /// The text of an option that assigns values to names.
  private static func assignments(
    _ values: SettingsValues, _ option: PlannerOption
  ) throws(SettingsError) -> String? {
    guard let text = values.optionalText(option) else { return nil }
    let assignments = option.name.hasSuffix("header") ? [text[...]] : text.split(separator: "&")
    guard assignments.allSatisfy({ $0.contains("=") && !$0.hasPrefix("=") }) else {
      throw .rule(.incomplete(option.spelling, needs: ["NAME=VALUE"]))
    }
    return text
  }
}

/// The etcd of the virtual environment.
public struct EtcdSettings: Sendable, Equatable {
  /// URLs to try in this order, without slashes at their ends; empty when the state file takes
  /// etcd's place.
  public var endpoints: [String]
  /// How to authenticate there; bearer tokens are etcd's own affair.
  public var access: ServerAccess
  /// Seconds that a decision waits for its acknowledgement before the next may follow, at least 0.
  /// Holds for the embedded store too.
  public var maximumWaitSeconds: Double

  init(_ values: SettingsValues) throws(SettingsError) {
    endpoints = values.list(.etcdEndpoints).map(withoutSlash)
    access = try ServerAccess(values, .etcd)
    maximumWaitSeconds = try values.number(.scalingMaxWaitTime)
  }
}

/// How the cluster of the kubernetes environment is reached.
public struct KubernetesSettings: Sendable, Equatable {
  /// Access outside of a cluster: files, separated by colons.
  public var kubeconfig: String?
  /// Folder with the pod's service account; nil for the usual one.
  public var serviceAccountDirectory: String?
  /// The deployment's namespace; nil for the service account's or the kubeconfig's.
  public var namespace: String?
  /// Names this planner in the events it records; nil outside of a pod.
  public var podName: String?
  /// Name of the Lease that keeps other planners away; never nil in kubernetes.
  public var leaseName: String?

  init(_ values: SettingsValues) {
    kubeconfig = values.optionalText(.kubeconfig)
    serviceAccountDirectory = values.optionalText(.serviceAccountDirectory)
    namespace = values.optionalText(.podNamespace)
    podName = values.optionalText(.podName)
    leaseName =
      values.optionalText(.kubernetesLease)
      ?? values.optionalText(.deployment).map { $0 + "-planner" }
  }
}

/// `url` without slashes at its end.
func withoutSlash(_ url: String) -> String {
  String(url.reversed().drop { $0 == "/" }.reversed())
}
