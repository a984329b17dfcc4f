import Foundation
import OwnMetrics
import Planning
import Settings
import TestSupport
import Testing
import Yams

@Suite("Dashboard and alerts")
struct MonitoringTests {
  private struct Dashboard: Decodable {
    struct Target: Decodable {
      var expr: String
      var refId: String
    }
    struct Position: Decodable {
      var x, y, w, h: Int
    }
    struct Panel: Decodable {
      var id: Int
      var title: String
      var description: String
      var gridPos: Position
      var targets: [Target]
    }

    var uid: String
    var title: String
    var panels: [Panel]
  }

  private func dashboard() throws -> Dashboard {
    let map = try #require(
      try Yams.compose(yaml: try Manifests.text("k8s/grafana-planner-dashboard-configmap.yaml")))
    #expect(map.at("metadata labels grafana_dashboard")?.string == "1")
    let text = try #require(map["data"]?["sla-planner.json"]?.string)
    return try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8))
  }

  private static let metricNames = Set(OwnMetric.all.map(\.name))

  private static func names(in expression: String) -> Set<String> {
    Set(expression.matches(of: /dynamo_planner_[a-z_]+/).map { String($0.output) })
  }

  @Test("every expression of the dashboard asks for metrics that there are")
  func everyExpressionOfTheDashboardAsks() throws {
    for panel in try dashboard().panels {
      #expect(!panel.targets.isEmpty && !panel.description.isEmpty)
      for target in panel.targets {
        let names = Self.names(in: target.expr)
        #expect(!names.isEmpty && names.isSubset(of: Self.metricNames), "\(target.expr)")
        #expect(target.expr.contains(#"deployment=~"$deployment""#), "\(target.expr)")
      }
    }
  }

  @Test("the dashboard shows every metric there is")
  func dashboardShowsEveryMetricThere() throws {
    let shown = try dashboard().panels.flatMap(\.targets).reduce(into: Set<String>()) {
      $0.formUnion(Self.names(in: $1.expr))
    }
    #expect(shown == Self.metricNames)
  }

  @Test("no panel covers another")
  func noPanelCoversAnother() throws {
    let panels = try dashboard().panels
    #expect(Set(panels.map(\.id)).count == panels.count)
    var taken: Set<[Int]> = []
    for panel in panels {
      let place = panel.gridPos
      #expect(place.x >= 0 && place.x + place.w <= 24)
      for x in place.x..<place.x + place.w {
        for y in place.y..<place.y + place.h { #expect(taken.insert([x, y]).inserted) }
      }
    }
  }

  @Test("Prometheus can read every expression of the dashboard")
  func prometheusCanReadEveryExpression() async throws {
    let rules = try dashboard().panels.flatMap(\.targets).enumerated().map { index, target in
      ["record": "panel:\(index)", "expr": target.expr.replacing("$deployment", with: "a/b")]
    }
    let file = try Yams.dump(object: [
      "groups": [["name": "dashboard", "rules": rules] as [String: Any]]
    ])
    try await Self.inFolder(["rules.yaml": file]) { folder in
      let outcome = try await ChildProcess.run(
        "promtool", ["check", "rules", "--lint=none", folder + "/rules.yaml"])
      #expect(outcome.exit == .code(0), "\(outcome.errorOutput)")
    }
  }

  private func alerts() throws -> Node {
    let rule = try #require(try Yams.compose(yaml: try Manifests.text("k8s/prometheusrule.yaml")))
    return try #require(rule["spec"])
  }

  @Test("the alerts are valid and ask for metrics that there are")
  func alertsAreValidAndAskForMetrics() async throws {
    let groups = try alerts()
    for rule in groups.at("groups 0 rules")?.sequence ?? [] {
      let names = Self.names(in: rule["expr"]?.string ?? "")
      #expect(!names.isEmpty && names.isSubset(of: Self.metricNames))
      #expect(rule.at("annotations summary") != nil && rule.at("labels severity") != nil)
    }
    try await Self.inFolder(["rules.yaml": try Yams.serialize(node: groups)]) { folder in
      let outcome = try await ChildProcess.run(
        "promtool", ["check", "rules", folder + "/rules.yaml"])
      #expect(outcome.exit == .code(0), "\(outcome.errorOutput)")
    }
  }

  @Test("what alerts compare labels with are values that there are")
  func whatAlertsCompareLabels() throws {
    let values: [String: Set<String>] = [
      "status": Set(DecisionStatus.allCases.map(\.rawValue)),
      "reason": Set(BudgetReason.allCases.map(\.rawValue)),
    ]
    var compared = 0
    for rule in try alerts().at("groups 0 rules")?.sequence ?? [] {
      for match in (rule["expr"]?.string ?? "").matches(of: /([a-z]+)="([^"]*)"/) {
        let (label, value) = (String(match.1), String(match.2))
        #expect(values[label]?.contains(value) == true, "\(label)=\(value)")
        compared += 1
      }
    }
    #expect(compared > 1)
  }

  /// The queries of the autoscalers' examples, as a Prometheus would be asked.
  private func autoscalerQueries() throws -> [String] {
    let objects = try Manifests.autoscalers.map {
      try #require(try Yams.compose(yaml: try Manifests.text($0)))
    }
    let rules = try #require(
      try Yams.compose(yaml: try Manifests.text("examples/hpa/adapter-rules.yaml")))
    let rule = try #require(rules.at("rules external 0"))
    let adapted = try #require(rule["metricsQuery"]?.string)
      .replacing("<<.Series>>", with: "dynamo_planner_desired_replicas")
      .replacing("<<.LabelMatchers>>", with: #"component="decode""#)
    let name = rule.at("name as")?.string
    for object in objects where object["kind"]?.string == "HorizontalPodAutoscaler" {
      #expect(object.at("spec metrics 0 external metric name")?.string == name)
    }
    return objects.compactMap { $0.at("spec triggers 0 metadata query")?.string } + [adapted]
  }

  @Test("what KEDA and HPAs ask for are metrics that there are, in words that Prometheus reads")
  func autoscalersAskForMetrics() async throws {
    let queries = try autoscalerQueries()
    #expect(queries.count == 3)
    for query in queries { #expect(Self.names(in: query).isSubset(of: Self.metricNames)) }
    let rules = queries.enumerated().map { ["record": "query:\($0)", "expr": $1] }
    let file = try Yams.dump(object: [
      "groups": [["name": "queries", "rules": rules] as [String: Any]]
    ])
    try await Self.inFolder(["rules.yaml": file]) { folder in
      let outcome = try await ChildProcess.run(
        "promtool", ["check", "rules", "--lint=none", folder + "/rules.yaml"])
      #expect(outcome.exit == .code(0), "\(outcome.errorOutput)")
    }
  }

  @Test(
    "each component has an autoscaler of its own, which scales its adapter to what is published")
  func eachComponentHasAnAutoscaler() throws {
    for file in Manifests.autoscalers {
      let object = try #require(try Yams.compose(yaml: try Manifests.text(file)))
      let component = file.contains("prefill") ? "prefill" : "decode"
      #expect(object.at("spec scaleTargetRef name")?.string == "chat-\(component)")
      #expect(
        object.at("spec scaleTargetRef kind")?.string == "DynamoGraphDeploymentScalingAdapter")
      let selector =
        object.at("spec triggers 0 metadata query")?.string
        ?? "component=\"\(object.at("spec metrics 0 external metric selector matchLabels component")?.string ?? "")\""
      #expect(selector.contains("component=\"\(component)\""))
      let target =
        object.at("spec triggers 0 metadata threshold")
        ?? object.at("spec metrics 0 external target averageValue")
      #expect(target?.string == "1")
    }
  }

  @Test("the push gateway that the manifests leave out is one line to turn on")
  func pushGatewayThatTheManifestsLeaveOutIsOneLine() throws {
    let text = try Manifests.text("k8s/base/settings.yaml")
    let match = try #require(try /# (SLA_PLANNER_PUSHGATEWAY_URL): (\S+)/.firstMatch(in: text))
    let (settings, warnings) = try RunSettings.resolve(
      flags: ["environment": "virtual"], environment: [String(match.1): String(match.2)])
    #expect(settings.ownMetrics.pushgatewayURL == String(match.2) && warnings == [])
    let policy = try Manifests.text("k8s/base/networkpolicy.yaml")
    #expect(policy.contains("port: \(try #require(match.2.split(separator: ":").last))"))
  }

  @Test("each alert fires when it should and not before")
  func eachAlertFiresWhenItShouldAndNot() async throws {
    let test = try String(contentsOf: Fixture.url("alerts/alerts_test.yaml"), encoding: .utf8)
    let files = ["rules.yaml": try Yams.serialize(node: try alerts()), "alerts_test.yaml": test]
    try await Self.inFolder(files) { folder in
      let outcome = try await ChildProcess.run(
        "promtool", ["test", "rules", "alerts_test.yaml"], directory: folder)
      #expect(outcome.exit == .code(0), "\(outcome.output)\(outcome.errorOutput)")
    }
    let names =
      try alerts().at("groups 0 rules")?.sequence?.compactMap { $0["alert"]?.string } ?? []
    #expect(names.allSatisfy { test.contains("alertname: \($0)") })
  }

  private static func inFolder(
    _ files: [String: String], _ body: (String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("monitoring-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    try await body(folder.path)
  }
}
