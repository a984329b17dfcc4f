import Planning

/// What is scaled, and to which targets.
public struct CommonSettings: SettingsSection {
  package static let title = "Common"

  /// The Dynamo namespace whose traffic and workers count.
  public var dynamoNamespace: String
  /// Name of the DynamoGraphDeployment; never nil in a cluster.
  public var deploymentName: String?
  /// Where the replicas live.
  public var environment: DeploymentEnvironment
  /// What the scale environment scales.
  public var workloads: TargetOptions
  /// The mode that was chosen beside targets that tell another; nil where none was.
  var contradictedMode: DeploymentMode?
  /// The engine of the workers.
  public var backend: Backend
  /// What is scaled.
  public var mode: DeploymentMode
  /// The model whose traffic counts; nil for the deployment's, or the only one there is.
  public var modelName: String?
  /// The latency targets.
  public var targets: LatencyTargets
  /// The most GPUs that all scaled components may hold together; nil for no limit.
  public var maxGPUBudget: Int?
  /// The fewest replicas of each component, at least 1.
  public var minEndpoint: Int
  /// Other minimums of single components.
  public var ownMinimums: [Component: Int]
  /// The fewest GPUs that all scaled components hold together; nil for no limit.
  public var minGPUBudget: Int?
  /// GPUs of one replica, at least 1, of the components whose GPUs were given.
  public var givenGPUs: [Component: Int]
  /// Whether nothing is to be changed.
  public var isDryRun: Bool

  package init(_ options: inout OptionReader) throws(SettingsError) {
    dynamoNamespace = try options.text(
      .init(
        "namespace", .text, default: "dynamo", unit: "name", environment: ["DYN_NAMESPACE"],
        help: "Dynamo namespace whose traffic and workers count; also $DYN_NAMESPACE."))
    deploymentName = try options.optionalText(
      .init(
        "deployment", .kubernetesName, unit: "name", environment: ["DYN_PARENT_DGD_K8S_NAME"],
        help: """
          Name of the DynamoGraphDeployment, needed in a cluster; also $DYN_PARENT_DGD_K8S_NAME.
          """))
    environment = try options.choice(
      .init(
        "environment",
        .choice(
          DeploymentEnvironment.allCases.map(\.rawValue),
          unavailable: [
            "global-planner":
              "isn't supported: this planner scales one deployment a run, so schedule one run for each deployment"
          ]),
        default: "kubernetes", unit: "kind",
        help: """
          Where replicas live: kubernetes (a DynamoGraphDeployment), scale (workloads with a scale \
          subresource) or virtual; metric is kubernetes with the counts published for KEDA or an \
          HPA, and nothing applied.
          """))
    backend = try options.choice(
      .init(
        "backend", .choice(of: Backend.self), default: "vllm", unit: "engine",
        help: "Engine of the workers: vllm, sglang, trtllm or mocker."))
    mode = try options.choice(
      .init(
        "mode", .choice(of: DeploymentMode.self), default: "disagg", unit: "mode",
        help: "What is scaled: disagg, prefill, decode or agg; in scale the targets tell."))
    workloads = try TargetOptions(&options)
    modelName = try options.optionalText(
      .init(
        "model-name", .text, unit: "name",
        help: "Model whose traffic counts (default: the deployment's, else the only one there is)."
      ))
    targets = try Self.targets(&options)
    let budget = try options.integer(
      .init(
        "max-gpu-budget", .integer(-1_000_000_000...1_000_000_000), default: "8", unit: "GPUs",
        help: "Most GPUs that all scaled workers may hold together; negative for no limit."))
    maxGPUBudget = budget < 0 ? nil : budget
    minEndpoint = try options.integer(
      .init(
        "min-endpoint", .integer(1...100_000), default: "1", unit: "replicas",
        help: "Fewest replicas of each kind; the planner never scales to zero."))
    ownMinimums = try Self.ownMinimums(&options)
    let least = try options.integer(
      .init(
        "min-gpu-budget", .integer(-1_000_000_000...1_000_000_000), default: "-1", unit: "GPUs",
        help: "Fewest GPUs that all scaled workers hold together; negative for no limit."))
    minGPUBudget = least < 0 ? nil : least
    givenGPUs = try Self.givenGPUs(&options)
    isDryRun = try options.boolean(
      .init(
        "no-operation", .boolean, default: "false",
        aliases: [.flag("dry-run"), .file("advisory")],
        help: "Decide and save, but change nothing."))
    followTargets(&options)
  }

  /// In the scale environment the targets tell what is scaled and, unless it is named, what the whole
  /// is called.
  private mutating func followTargets(_ options: inout OptionReader) {
    guard environment == .scale, let told = workloads.mode else { return }
    if options.isChosen("mode"), mode != told { contradictedMode = mode }
    mode = told
    options.follow("mode", .text(told.rawValue), text: told.rawValue)
    deploymentName = deploymentName ?? workloads.deploymentName
  }

  private static func targets(
    _ options: inout OptionReader
  ) throws(SettingsError) -> LatencyTargets {
    LatencyTargets(
      ttftMilliseconds: try options.number(
        .init(
          "ttft", .positive(through: 1e9), default: "500", unit: "ms", aliases: [.file("ttft_ms")],
          help: "Target time to first token.")),
      itlMilliseconds: try options.number(
        .init(
          "itl", .positive(through: 1e9), default: "50", unit: "ms", aliases: [.file("itl_ms")],
          help: "Target inter-token latency.")))
  }

  private static func ownMinimums(
    _ options: inout OptionReader
  ) throws(SettingsError) -> [Component: Int] {
    var minimums: [Component: Int] = [:]
    minimums[.prefill] = try options.optionalInteger(
      .init(
        "prefill-min-endpoint", .integer(1...100_000), unit: "replicas",
        help: "Fewest prefill replicas (default: --min-endpoint)."))
    minimums[.decode] = try options.optionalInteger(
      .init(
        "decode-min-endpoint", .integer(1...100_000), unit: "replicas",
        help: "Fewest decode or aggregated replicas (default: --min-endpoint)."))
    return minimums
  }

  private static func givenGPUs(
    _ options: inout OptionReader
  ) throws(SettingsError) -> [Component: Int] {
    var gpus: [Component: Int] = [:]
    gpus[.prefill] = try options.optionalInteger(
      .init(
        "prefill-engine-num-gpu", .integer(1...10_000), unit: "GPUs",
        help: "GPUs of one prefill replica (default: the deployment's; 1 where it is virtual)."))
    gpus[.decode] = try options.optionalInteger(
      .init(
        "decode-engine-num-gpu", .integer(1...10_000), unit: "GPUs",
        help: "GPUs of one decode or aggregated replica (default: as above)."))
    return gpus
  }

  /// The components whose GPUs were given, not assumed.
  public var componentsWithGivenGPUs: Set<Component> { Set(givenGPUs.keys) }

  /// GPUs of one replica as the flags say, at least 1, with 1 for what they don't say. In
  /// kubernetes what the deployment says goes first.
  public var gpusPerReplica: [Component: Int] {
    [.prefill: 1, .decode: 1].merging(givenGPUs) { _, given in given }
  }
}
