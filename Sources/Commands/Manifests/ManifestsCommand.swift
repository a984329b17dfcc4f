import Application
import ArgumentParser
import Settings

/// `sla-planner manifests`: what a run on some workloads needs in the cluster.
struct ManifestsCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "manifests",
    abstract:
      "Print the manifests of a scheduled run on workloads: rights, Lease, volume, CronJob.",
    discussion: """
      Takes the flags of a 'run' with --environment scale and prints, for exactly these targets and \
      nothing else: ServiceAccount, Role, RoleBinding, Lease, PersistentVolumeClaim and a CronJob \
      that runs with the same flags. Deployments, StatefulSets, LeaderWorkerSets and PodCliques need \
      no cluster; other kinds are asked for. Pipe it into 'kubectl apply -f -'.
      """)

  @Option(help: "Namespace of the targets, which the planner runs in.")
  var intoNamespace = "default"

  @Option(help: "The planner's image.")
  var image = "sla-planner:latest"

  @OptionGroup(title: CommonSettings.title) var common: SectionFlags<CommonSettings>
  @OptionGroup(title: ThroughputSettings.title) var throughput: SectionFlags<ThroughputSettings>
  @OptionGroup(title: SizingSettings.title) var sizing: SectionFlags<SizingSettings>
  @OptionGroup(title: LoadSettings.title) var load: SectionFlags<LoadSettings>
  @OptionGroup(title: DampingSettings.title) var damping: SectionFlags<DampingSettings>
  @OptionGroup(title: StateSettings.title) var state: SectionFlags<StateSettings>
  @OptionGroup(title: SourceSettings.title) var sources: SectionFlags<SourceSettings>
  @OptionGroup(title: ConnectorSettings.title) var connectors: SectionFlags<ConnectorSettings>
  @OptionGroup(title: OutputSettings.title) var output: SectionFlags<OutputSettings>

  func run() async throws {
    try await reportingFailures {
      let settings = try RunInput(flagLayer).settings
      guard settings.environment == .scale else {
        throw CommandFailure(
          .usage,
          "'manifests' is for --environment scale; those for a DynamoGraphDeployment are in k8s/.")
      }
      let manifests = ScaleManifests(
        settings: settings, namespace: intoNamespace,
        permissions: try await settings.scalePermissions(namespace: intoNamespace), image: image)
      switch settings.output {
      case .text:
        printText(manifests.objects.map { "---\n" + $0.yaml }.joined(separator: "\n"))
      case .json:
        printJSON(
          ManifestValue.table([
            ("apiVersion", .text("v1")), ("kind", .text("List")),
            ("items", .list(manifests.objects)),
          ]).json)
      }
    }
  }
}
