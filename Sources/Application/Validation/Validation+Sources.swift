import HTTPTransport
import Invocation
import MetricSources
import Planning
import Presentation
import Synchronization

/// Where traffic and workers are read.
extension Validation {
  /// Whether Prometheus answers and knows the model's traffic; nil when it isn't asked.
  func prometheusCheck(_ observation: Observation) async -> Check? {
    guard let throughput = settings.throughput else { return nil }
    let name = "Prometheus"
    return await .of(name) {
      let model = await modelName(observation)
      let witness = AnswerWitness(client)
      guard
        let source = try Wiring.trafficSource(
          settings, witness, clusterNamespace: clusterNamespace)
      else {
        return Check(name, .skipped, "It is not asked.")
      }
      let interval = throughput.intervalSeconds
      let end = Int((clock.now() / Double(interval)).rounded(.down)) * interval
      let report = try await source.readTraffic(
        TrafficWindow(firstIntervalEnd: end, lastIntervalEnd: end, intervalSeconds: interval),
        modelName: model)
      switch report.readings.last {
      case .known(let traffic)?:
        let count = Numbers.short(traffic.requestCount, 1)
        return .of(
          name,
          "\(model.map { "'\($0)'" } ?? "The only model") had \(count) requests in the interval until \(rfc3339(Double(end))).",
          oddities: report.warnings)
      case .unknown(_, let reason)?:
        guard witness.hasAnswered else { throw CommandFailure(.unreachable, reason) }
        guard report.isMisnamed != true else { throw CommandFailure(.configuration, reason) }
        return Check(
          name, .warning,
          reason
            + " A run would hold now; that is as it should be while the deployment is young or idle."
        )
      case nil:
        throw CommandFailure(.unreachable, "Prometheus was not asked for any interval.")
      }
    }
  }

  /// Whether the router's page shows workers of every kind; nil when it isn't read.
  func routerCheck(_ observation: Observation) async -> Check? {
    guard settings.load != nil else { return nil }
    let name = settings.engine == nil ? "router" : "engines"
    return await .of(name) {
      var status: DeploymentStatus?
      if settings.modelName == nil || settings.loadURL == nil || cluster != nil {
        status = try? await observation.value.get()
      }
      guard let url = settings.loadURL ?? status?.routerMetricsURL else {
        guard status != nil else {
          return Check(name, .skipped, "The deployment tells where it is; mend that first.")
        }
        throw CommandFailure(
          .configuration,
          "The deployment has no frontend that tells where the router's metrics page is; name it with --loadbased-router-metrics-url."
        )
      }
      guard
        let source = try Wiring.workerSource(
          settings, client, clock, clusterNamespace: clusterNamespace)
      else {
        return Check(name, .skipped, "It is not read.")
      }
      let report = try await source.sampleWorkers(
        url: url, modelName: settings.modelName ?? status?.modelName, count: 1, spacingSeconds: 0)
      guard let workers = report.samples.last?.workers, report.failure == nil else {
        throw CommandFailure(.unreachable, report.failure ?? "\(url) was not read.")
      }
      if let unread = status?.unreadFrontends(url: url) {
        throw CommandFailure(.configuration, unread)
      }
      return try check(name, workers, url, report.warnings, status)
    }
  }

  private func check(
    _ name: String, _ workers: [WorkerGauges], _ url: String, _ warnings: [String],
    _ status: DeploymentStatus?
  ) throws -> Check {
    var oddities = warnings
    var counts: [String] = []
    for component in settings.mode.components {
      let shown = workers.count { $0.component == component }
      guard shown > 0 else {
        return Check(
          name, .warning,
          ([
            "\(url) shows no \(component.rawValue) workers; a worker's gauges appear with its first request. A run would hold now; that is as it should be while the deployment is young or idle."
          ] + warnings).joined(separator: " "))
      }
      counts.append("\(shown) \(component.rawValue)")
      if cluster != nil, let ready = status?.components[component]?.ready, ready != shown {
        oddities.append(
          "The deployment has \(ready) \(component.rawValue) workers ready, the page shows \(shown): load-based scaling never shrinks on that."
        )
      }
    }
    return .of(
      name, "\(url) shows \(counts.joined(separator: " and ")) workers.", oddities: oddities)
  }

  private var clusterNamespace: String? { (try? cluster?.get())??.access.namespace }

  /// The model whose traffic counts; nil for the only one there is.
  private func modelName(_ observation: Observation) async -> String? {
    if let name = settings.modelName { return name }
    return (try? await observation.value.get())?.modelName
  }
}

/// Notes whether any request was answered with success.
private final class AnswerWitness: HTTPClient {
  private let client: any HTTPClient
  private let answered = Mutex(false)

  init(_ client: any HTTPClient) { self.client = client }

  var hasAnswered: Bool { answered.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let response = try await client.send(request)
    if (200..<300).contains(response.status) { answered.withLock { $0 = true } }
    return response
  }
}
