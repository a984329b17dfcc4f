extension PlannerOption {
  package static let prometheusEndpoint = PlannerOption(
    "prometheus-endpoint", .address,
    default: "http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090",
    unit: "URL", aliases: [.file("metric_pulling_prometheus_endpoint")],
    environment: ["PROMETHEUS_ENDPOINT"], help: "Where Prometheus is; also $PROMETHEUS_ENDPOINT.")

  package static let prometheusHeader = PlannerOption(
    "prometheus-header", .text, unit: "NAME=VALUE|@FILE",
    help: """
      Header of every request to Prometheus, as X-Scope-OrgID=team-a for a store with tenants; \
      behind @ stands a file that holds the value.
      """)

  package static let prometheusQueryParameter = PlannerOption(
    "prometheus-query-parameter", .text, unit: "NAME=VALUE",
    environment: ["PROMETHEUS_EXTRA_QUERY_PARAMS"],
    help: """
      Fields added to the query of every request to Prometheus, for proxies that ask for a tenant; \
      several as in namespace=a&tenant=b.
      """)

  package static let etcdEndpoints = PlannerOption(
    "etcd-endpoints", .addressList, unit: "URL,…", environment: ["ETCD_ENDPOINTS"],
    help: """
      etcd of the virtual environment, tried in this order; also $ETCD_ENDPOINTS (default: none, \
      the state file takes its place).
      """)

  package static let scalingMaxWaitTime = PlannerOption(
    "scaling-max-wait-time", .number(0...31_536_000), default: "1800", unit: "seconds",
    environment: ["SCALING_MAX_WAIT_TIME"],
    help: "How long a virtual decision waits for its acknowledgement before the next may follow.")

  package static let kubeconfig = PlannerOption(
    "kubeconfig", .text, unit: "file", flag: PlannerOption.FlagStyle.none,
    environment: ["KUBECONFIG"], help: "Kubernetes access outside of a cluster.")

  package static let kubernetesLease = PlannerOption(
    "kubernetes-lease", .kubernetesName, unit: "name",
    help: """
      Lease that keeps other planners away; it has to exist (default: the deployment's name and \
      '-planner'). A dry run takes none.
      """)

  package static let podNamespace = PlannerOption(
    "pod-namespace", .kubernetesName, unit: "name", flag: PlannerOption.FlagStyle.none,
    environment: ["POD_NAMESPACE"],
    help: "Namespace of the deployment (default: the service account's, else the kubeconfig's).")

  package static let podName = PlannerOption(
    "pod-name", .text, unit: "name", flag: PlannerOption.FlagStyle.none, environment: ["POD_NAME"],
    help: "Names this planner in the events it records.")

  package static let serviceAccountDirectory = PlannerOption(
    "service-account-dir", .text, unit: "folder", flag: PlannerOption.FlagStyle.none,
    help: """
      Folder with token, ca.crt and namespace of the service account, where it is not mounted in \
      its usual place.
      """)
}
