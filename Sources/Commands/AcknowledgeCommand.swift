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
    abstract: "Report a decision of the virtual environment as in place (the latest, or ID).",
    discussion: """
      For the embedded virtual environment, and for trying out one over etcd. The values are found \
      through the same flags, environment and file as for 'run': --state or ETCD_ENDPOINTS, and \
      --namespace.
      """)

  @Argument(help: "Number of the decision as the connector counts them: 0, 1, 2, …")
  var id: Int?

  @OptionGroup(title: OptionTable.common.title) var common: CommonOptions
  @OptionGroup(title: OptionTable.throughput.title) var throughput: ThroughputOptions
  @OptionGroup(title: OptionTable.sizing.title) var sizing: SizingOptions
  @OptionGroup(title: OptionTable.load.title) var load: LoadOptions
  @OptionGroup(title: OptionTable.damping.title) var damping: DampingOptions
  @OptionGroup(title: OptionTable.state.title) var state: StateOptions
  @OptionGroup(title: OptionTable.sources.title) var sources: SourceOptions
  @OptionGroup(title: OptionTable.connectors.title) var connectors: ConnectorOptions
  @OptionGroup(title: OptionTable.output.title) var output: OutputOptions

  func run() async throws {
    try await reportingFailures {
      var flags = flagLayer
      flags["environment"] = "virtual"
      // The rules about scaling don't matter here; any complete set of settings will do.
      flags["enable-loadbased-scaling"] = "false"
      flags["enable-throughput-scaling"] = "true"
      flags["mode"] = flags["mode"].map { $0 == "agg" ? "decode" : $0 } ?? "disagg"
      flags["max-gpu-budget"] = "-1"
      let settings = try RunInput(flags).settings
      let client = CurlHTTPClient(
        version: plannerVersion, deadlineSeconds: settings.deadlineSeconds)
      let state = SQLiteStateStore(
        StateFileSettings(settings.state), deployment: settings.deployment)
      let store = try Wiring.scalingStore(settings, client, state, SystemClock())
      let values = try await store.read()
      guard let latest = values.decisionID else {
        throw CommandFailure(
          .configuration,
          "There is no decision to acknowledge for '\(settings.dynamoNamespace)'; check --namespace and --state."
        )
      }
      let acknowledged = id ?? latest
      guard (0...latest).contains(acknowledged) else {
        throw CommandFailure(
          .usage, "There is no decision \(acknowledged) yet; the latest is \(latest).")
      }
      try await store.acknowledge(acknowledged)
      print("Decision \(acknowledged) is acknowledged.")
    }
  }
}
