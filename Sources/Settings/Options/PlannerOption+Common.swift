import Planning

extension PlannerOption {
  package static let namespace = PlannerOption(
    "namespace", .text, default: "dynamo", unit: "name", environment: ["DYN_NAMESPACE"],
    help: "Dynamo namespace whose traffic and workers count; also $DYN_NAMESPACE.")

  package static let deployment = PlannerOption(
    "deployment", .kubernetesName, unit: "name", environment: ["DYN_PARENT_DGD_K8S_NAME"],
    help: """
      Name of the DynamoGraphDeployment, needed in kubernetes; also $DYN_PARENT_DGD_K8S_NAME.
      """)

  package static let environment = PlannerOption(
    "environment",
    .choice(
      DeploymentEnvironment.allCases.map(\.rawValue),
      unavailable: [
        "global-planner":
          "isn't supported: this planner scales one deployment a run, so schedule one run for each deployment"
      ]),
    default: "kubernetes", unit: "kind", help: "Where replicas live: kubernetes or virtual.")

  package static let backend = PlannerOption(
    "backend", .choice(Backend.allCases.map(\.rawValue)), default: "vllm", unit: "engine",
    help: "Engine of the workers: vllm, sglang, trtllm or mocker.")

  package static let mode = PlannerOption(
    "mode", .choice(DeploymentMode.allCases.map(\.rawValue)), default: "disagg", unit: "mode",
    help: "What is scaled: disagg, prefill, decode or agg.")

  package static let modelName = PlannerOption(
    "model-name", .text, unit: "name",
    help: "Model whose traffic counts (default: the deployment's, else the only one there is).")

  package static let ttft = PlannerOption(
    "ttft", .positive(through: 1e9), default: "500", unit: "ms", aliases: [.file("ttft_ms")],
    help: "Target time to first token.")

  package static let itl = PlannerOption(
    "itl", .positive(through: 1e9), default: "50", unit: "ms", aliases: [.file("itl_ms")],
    help: "Target inter-token latency.")

  package static let maxGPUBudget = PlannerOption(
    "max-gpu-budget", .integer(-1_000_000_000...1_000_000_000), default: "8", unit: "GPUs",
    help: "Most GPUs that all scaled workers may hold together; negative for no limit.")

  package static let minEndpoint = PlannerOption(
    "min-endpoint", .integer(1...100_000), default: "1", unit: "replicas",
    help: "Fewest replicas of each kind; the planner never scales to zero.")

  package static let prefillEngineGPUs = PlannerOption(
    "prefill-engine-num-gpu", .integer(1...10_000), unit: "GPUs",
    help: "GPUs of one prefill replica (default: the deployment's; 1 where it is virtual).")

  package static let decodeEngineGPUs = PlannerOption(
    "decode-engine-num-gpu", .integer(1...10_000), unit: "GPUs",
    help: "GPUs of one decode or aggregated replica (default: as above).")

  package static let noOperation = PlannerOption(
    "no-operation", .boolean, default: "false",
    aliases: [.flag("dry-run"), .file("advisory")],
    help: "Decide and save, but change nothing.")
}
