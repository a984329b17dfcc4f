extension PlannerOption {
  package static let prometheusEndpoint = PlannerOption(
    "prometheus-endpoint", .address,
    default: "http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090",
    unit: "URL", aliases: [.file("metric_pulling_prometheus_endpoint")],
    environment: ["PROMETHEUS_ENDPOINT"], help: "Where Prometheus is; also $PROMETHEUS_ENDPOINT.")

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
}
