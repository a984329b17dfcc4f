import Application
import ArgumentParser
import Connectors
import HTTPTransport
import Invocation
import Settings
import StateStore

/// `sla-planner acknowledge`: plays the virtual environment's client, which reports a decision as
/// in place.
struct AcknowledgeCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "acknowledge",
    abstract:
      "Report what the virtual environment was told as in place (the latest revision, or ID).",
    discussion: """
      For the embedded virtual environment, and for trying out one over etcd. The values are found \
      through the same flags, environment and file as for 'run': --state or ETCD_ENDPOINTS, and \
      --namespace.
      """)

  @Argument(help: "The revision: the connector's own number of what it wrote, 0, 1, 2, …")
  var id: Int?

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
      let given = try GivenSettings.reading(flags: flagLayer)
      let namespace = try given.read(CommonSettings.self).dynamoNamespace
      let client = CurlHTTPClient(
        version: plannerVersion,
        deadlineSeconds: try given.read(OutputSettings.self).deadlineSeconds)
      let state = SQLiteStateStore(
        StateFileSettings(try given.read(StateSettings.self)), deployment: namespace)
      let store = try Wiring.scalingStore(
        given.read(ConnectorSettings.self).etcd, namespace: namespace, client, state,
        SystemClock())
      let values = try await store.read()
      guard let latest = values.decisionID else {
        throw CommandFailure(
          .configuration,
          "There is no revision to acknowledge for '\(namespace)'; check --namespace and --state."
        )
      }
      let acknowledged = id ?? latest
      guard (0...latest).contains(acknowledged) else {
        throw CommandFailure(
          .usage, "There is no revision \(acknowledged) yet; the latest is \(latest).")
      }
      try await store.acknowledge(acknowledged)
      if flagLayer["output"] == "json" {
        struct Document: Encodable {
          var schema = 1
          var namespace: String
          var revision: Int
        }
        printJSON(
          try JSONText.encode(Document(namespace: namespace, revision: acknowledged)))
      } else {
        print("Revision \(acknowledged) is acknowledged.")
      }
    }
  }
}
