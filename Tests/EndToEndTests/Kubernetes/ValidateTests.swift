import Foundation
import Invocation
import Planning
import StateStore
import TestSupport
import Testing

/// What `validate` printed.
private struct Checklist {
  let run: PlannerRun
  let json: JSON

  init(_ planner: Planner) async throws {
    var planner = planner
    planner.command = "validate"
    run = try await planner.run()
    json = try #require(try? JSON(run.output), "\(run)")
  }

  /// Status and detail of the checks with a name.
  func checks(_ name: String) -> [(status: String, detail: String)] {
    (json["checks"]?.elements ?? []).filter { $0["name"]?.string == name }
      .map { ($0["status"]?.string ?? "", $0["detail"]?.string ?? "") }
  }

  /// The names of the checks that failed.
  var failed: [String] {
    (json["checks"]?.elements ?? []).filter { $0["status"] == "failed" }
      .compactMap { $0["name"]?.string }
  }

  /// Expects that only `name` failed, with this exit code and these words.
  func failed(
    _ name: String, _ code: Int32, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.exit == .code(code), "\(run)", sourceLocation: sourceLocation)
    #expect(json["exit_code"]?.int == Int(code), sourceLocation: sourceLocation)
    #expect(json["passes"] == false, sourceLocation: sourceLocation)
    #expect(Set(failed) == [name], "\(run.output)", sourceLocation: sourceLocation)
    let details = checks(name).filter { $0.status == "failed" }.map(\.detail).joined()
    for word in words {
      #expect(details.contains(word), "\(details)", sourceLocation: sourceLocation)
    }
  }

  /// Expects that a run would work.
  func passed(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(run.exit == .code(0), "\(run)", sourceLocation: sourceLocation)
    #expect(json["passes"] == true, "\(run.output)", sourceLocation: sourceLocation)
    #expect(failed == [], sourceLocation: sourceLocation)
  }
}

extension EndToEnd.Kubernetes {
  @Suite("validate")
  struct ValidateTests {
    private let router: Router

    init() throws {
      router = try Router()
      router.answer(.text(RouterPage(prefill: [400, 500], decode: [100, 200, 300]).text))
    }

    /// Both kinds of scaling in a cluster, as of interval 10.
    private func scene() async throws -> ClusterScene {
      var scene = try await ClusterScene()
      scene.planner.scaleByLoad(of: router)
      scene.planner = scene.planner(after: 10)
      return scene
    }

    @Test("finds nothing missing, and changes nothing")
    func passes() async throws {
      let scene = try await scene()
      let list = try await Checklist(scene.planner)
      list.passed()
      let names = (list.json["checks"]?.elements ?? []).compactMap { $0["name"]?.string }
      #expect(
        names == ["configuration", "profile", "state file", "deployment", "account"]
          + Array(repeating: "permission", count: 11) + ["lease", "Prometheus", "router"])
      let deployment = list.checks("deployment").first?.detail ?? ""
      #expect(deployment.contains("'serving/chat' at \(scene.cluster.url)"))
      #expect(deployment.contains("prefill 2 of 1 GPU, decode 3 of 8 GPUs"))
      #expect(list.checks("Prometheus").first?.detail.contains("had 9000 requests") == true)
      #expect(list.checks("router").first?.detail.contains("2 prefill and 3 decode") == true)
      #expect(list.checks("lease").first?.detail == "The Lease 'chat-planner' is free.")

      #expect(
        scene.writes().allSatisfy {
          $0.hasSuffix("selfsubjectaccessreviews") || $0.hasSuffix("selfsubjectreviews")
        })
      #expect(!FileManager.default.fileExists(atPath: scene.folder.file("planner.sqlite")))
      // It kept its word.
      #expect(try await scene.planner.run().exit == .code(0))
    }

    @Test("is a list for people, too")
    func text() async throws {
      let scene = try await scene()
      var planner = scene.planner.with(["output": nil])
      planner.command = "validate"
      let good = try await planner.run()
      #expect(good.exit == .code(0), "\(good)")
      #expect(good.output.hasSuffix("\n\nA run would work.\n"))
      #expect(good.output.hasPrefix("ok       configuration  Mode disagg, scaled by throughput"))
      let bad = try await planner.with(["profile-results-dir": "nowhere"]).run()
      #expect(bad.exit == .code(65))
      #expect(bad.output.contains("\nFAILED   profile        The profile folder 'nowhere'"))
      #expect(bad.output.hasSuffix("\n\nA run would not work: mend what failed.\n"))
    }

    @Test("looks at the places of the own metrics, without which a run works, too")
    func ownMetrics() async throws {
      let scene = try await scene()
      let gateway = try await PushgatewayServer()
      defer { gateway.stop() }
      let places = [
        "pushgateway-url": gateway.url, "metrics-textfile": scene.folder.file("planner.prom"),
      ]
      let port = "\(try FreePort.next())"
      let good = try await Checklist(
        scene.planner.with(places).with(environment: ["PLANNER_PROMETHEUS_PORT": port]))
      good.passed()
      #expect(good.checks("own metrics").map(\.status) == ["ok", "ok", "ok"], "\(good.run)")
      #expect(!FileManager.default.fileExists(atPath: scene.folder.file("planner.prom")))
      #expect(!gateway.page.contains("dynamo_planner_"))

      let bad = try await Checklist(
        scene.planner.with([
          "pushgateway-url": "http://127.0.0.1:\(try FreePort.next())",
          "metrics-textfile": scene.folder.file("absent/planner.prom"),
        ]).with(environment: ["PLANNER_PROMETHEUS_PORT": "\(gateway.port)"]))
      bad.passed()
      #expect(
        bad.checks("own metrics").map(\.status) == ["warning", "warning", "warning"], "\(bad.run)")
    }

    @Test("warns of the account whose writes the operator's webhook does not check")
    func account() async throws {
      let scene = try await scene()
      scene.cluster.with { $0.userName = "system:serviceaccount:serving:planner-serviceaccount" }
      let unchecked = try await Checklist(scene.planner)
      unchecked.passed()
      #expect(unchecked.checks("account").map(\.status) == ["warning"])
      #expect(
        unchecked.checks("account").first?.detail.contains("k8s/base/serviceaccount.yaml") == true)
      scene.cluster.with { $0.userName = nil }
      let old = try await Checklist(scene.planner)
      old.passed()
      #expect(old.checks("account").isEmpty)
    }

    @Test("names a wrong configuration, and leaves the rest")
    func configuration() async throws {
      let scene = try await scene()
      try await Checklist(scene.planner.with(["ttft": "-1"]))
        .failed("configuration", 64, "--ttft is '-1'")
      try await Checklist(scene.planner.with(["deployment": nil]))
        .failed("configuration", 78, "DYN_PARENT_DGD_K8S_NAME")
      try await Checklist(scene.planner.with(["config": "absent.yaml"]))
        .failed("configuration", 78, "'absent.yaml' can't be read")
      let broken = try scene.folder.write("planner.yaml", "tfft: 1\n")
      try await Checklist(scene.planner.with(["config": broken]))
        .failed("configuration", 78, "did you mean 'ttft'")
      #expect(scene.cluster.calls == [])
    }

    @Test("looks at the state file")
    func stateFile() async throws {
      let scene = try await scene()
      let folder = scene.folder
      try await Checklist(scene.planner.with(["state": folder.path]))
        .failed("state file", 65, "It is a folder")
      try await Checklist(scene.planner.with(["state": folder.file("a/b/planner.sqlite")]))
        .failed("state file", 65, "Mount a volume there")
      let damaged = try folder.write("damaged.sqlite", String(repeating: "no database ", count: 99))
      try await Checklist(scene.planner.with(["state": damaged]))
        .failed("state file", 65, "damaged")

      // A file that is in use, and one that is whole.
      _ = try await scene.planner.run()
      try await Checklist(scene.planner).passed()
      let store = SQLiteStateStore(
        StateFileSettings(path: folder.file("planner.sqlite")),
        deployment: ClusterScene.deployment)
      let now = Date().timeIntervalSince1970
      _ = try store.begin(owner: "somebody", now: now, leaseSeconds: 60)
      try await Checklist(scene.planner).failed("state file", 75, "somebody")
      try store.end(owner: "somebody")
      try await Checklist(scene.planner).passed()
      #expect(try scene.state.decisions().count == 1)
    }

    @Test("looks at the cluster")
    func cluster() async throws {
      let scene = try await scene()
      let lost = try await Checklist(scene.planner.with(environment: ["KUBECONFIG": "absent"]))
      #expect(lost.run.exit == .code(78))
      #expect(lost.failed == ["deployment", "Prometheus"])
      #expect(lost.checks("deployment").first?.detail.contains("absent") == true)

      let away = try scene.kubeconfig("away", server: "https://127.0.0.1:1")
      let unreachable = try await Checklist(
        scene.planner.with(environment: ["KUBECONFIG": away])
          .with(["model-name": KnownTraffic.wave, "deadline": "8"]))
      #expect(unreachable.run.exit == .code(69))
      #expect(unreachable.failed.contains("deployment") && unreachable.failed.contains("lease"))
      #expect(!unreachable.failed.contains("Prometheus"))

      let unknown = scene.planner.with([
        "deployment": "chatt", "kubernetes-lease": "chat-planner",
        "model-name": KnownTraffic.wave,
      ])
      try await Checklist(unknown).failed("deployment", 78, "there are: 'chat'")
      let poor = scene.planner.with(["max-gpu-budget": "8", "model-name": KnownTraffic.wave])
      try await Checklist(poor).failed("deployment", 78, "takes 9 GPUs")
    }

    @Test("warns of a deployment that a run would wait for")
    func unready() async throws {
      let scene = try await scene()
      scene.cluster.with { state in
        state.change(state.deploymentPath("chat")) {
          $0[path: "status/conditions/0/status"] = "False"
        }
      }
      let list = try await Checklist(scene.planner)
      list.passed()
      #expect(list.checks("deployment").first?.status == "warning")
      #expect(list.checks("deployment").first?.detail.contains("would hold now") == true)
    }

    @Test(
      "asks for every permission",
      arguments: [
        "get dynamographdeploymentscalingadapters/scale",
        "patch dynamographdeploymentscalingadapters/scale", "update leases",
      ])
    func permissions(right: String) async throws {
      let scene = try await scene()
      scene.cluster.with { $0.forbidden = [right] }
      let list = try await Checklist(scene.planner)
      list.failed("permission", 77, "k8s/base/role.yaml", right)
    }

    @Test("warns of permissions that a run works without")
    func niceToHave() async throws {
      let scene = try await scene()
      scene.cluster.with { $0.forbidden = ["create events", "list dynamographdeployments"] }
      let list = try await Checklist(scene.planner)
      list.passed()
      let warnings = list.checks("permission").filter { $0.status == "warning" }.map(\.detail)
      #expect(warnings.count == 2)
      #expect(warnings.allSatisfy { $0.contains("a run works without it") })
    }

    @Test("asks a dry run for its rights only, and for no Lease")
    func dryRun() async throws {
      let scene = try await scene()
      scene.cluster.with {
        $0.forbidden = ["patch dynamographdeploymentscalingadapters/scale", "get leases"]
      }
      let list = try await Checklist(scene.planner.with(["dry-run": ""]))
      list.passed()
      #expect(list.checks("permission").count == 3)
      #expect(list.checks("lease").isEmpty)
    }

    @Test("looks for the Lease")
    func lease() async throws {
      let scene = try await scene()
      try await Checklist(scene.planner.with(["kubernetes-lease": "mine"]))
        .failed("lease", 78, "k8s/base/lease.yaml")
      scene.cluster.with {
        $0.addLease("chat-planner", holder: "other/1/2", renewedAt: Date().timeIntervalSince1970)
      }
      try await Checklist(scene.planner).failed("lease", 75, "other/1/2")
    }

    @Test("asks Prometheus for the traffic")
    func prometheus() async throws {
      let scene = try await scene()
      let away = "http://127.0.0.1:\(try FreePort.next())"
      try await Checklist(scene.planner.with(["prometheus-endpoint": away]))
        .failed("Prometheus", 69, away)
      try await Checklist(scene.planner.with(["model-name": "nobodys"]))
        .failed("Prometheus", 78, "nobodys", "there are models", KnownTraffic.wave)
      // Before the first request a run holds, which is no failure.
      let young = try await Checklist(scene.planner.with(["now": "1600000000"]))
      young.passed()
      #expect(young.checks("Prometheus").first?.status == "warning")
      #expect(young.checks("Prometheus").first?.detail.contains("has no samples") == true)
    }

    @Test("looks for workers on the router's page")
    func routerPage() async throws {
      let scene = try await scene()
      router.answer(.text(RouterPage(prefill: [400, 500]).text))
      let young = try await Checklist(scene.planner)
      young.passed()
      #expect(young.checks("router").first?.status == "warning")
      #expect(young.checks("router").first?.detail.contains("shows no decode workers") == true)
      router.answer(.text("gone", status: 503))
      try await Checklist(scene.planner).failed("router", 69, "503")
      router.answer(.text(RouterPage(prefill: [400], decode: [100, 200, 300]).text))
      let list = try await Checklist(scene.planner)
      list.passed()
      #expect(list.checks("router").first?.status == "warning")
      #expect(list.checks("router").first?.detail.contains("2 prefill workers ready") == true)
    }

    @Test("exits with the first of several failures")
    func several() async throws {
      let scene = try await scene()
      scene.cluster.with { $0.forbidden = ["update leases"] }
      let list = try await Checklist(
        scene.planner.with([
          "profile-results-dir": "nowhere", "prometheus-endpoint": "http://127.0.0.1:1",
        ]))
      #expect(list.failed == ["profile", "permission", "Prometheus"])
      #expect(list.run.exit == .code(65))
    }

    @Test("checks the virtual environment", arguments: Scene.Backend.allCases)
    func virtual(_ backend: Scene.Backend) async throws {
      let scene = try Scene(backend)
      let planner = scene.planner(after: 10)
      let name = backend == .etcd ? "etcd" : "virtual connector"
      let first = try await Checklist(planner)
      first.passed()
      #expect(first.checks(name).first?.detail.contains("prefill not set yet") == true)
      _ = try await planner.run().decided(.applied)
      let list = try await Checklist(planner)
      list.passed()
      #expect(list.checks(name).first?.status == "warning")
      #expect(list.checks(name).first?.detail.contains("is not acknowledged yet") == true)
    }

    @Test("an etcd that is away is a failure")
    func etcd() async throws {
      let scene = try Scene()
      let away = "http://127.0.0.1:\(try FreePort.next())"
      try await Checklist(scene.planner(after: 10).with(["etcd-endpoints": away]))
        .failed("etcd", 69, away)
    }

    @Test("has no use for a recording")
    func replay() async throws {
      let scene = try Scene()
      let recording = scene.folder.file("recording")
      _ = try await scene.planner(after: 10).with(["record": recording]).run()
      try await Checklist(
        Planner(flags: ["replay": recording, "output": "json"], directory: scene.folder.path)
      ).failed("configuration", 64, "--replay")
    }
  }
}
