import Foundation
import Invocation
import Planning
import TestSupport
import Testing

extension EndToEnd.Kubernetes {
  @Suite("Access to the cluster")
  struct AccessTests {
    /// The planner in a pod: its service account lies below the scene's folder.
    private func inPod(_ scene: ClusterScene, token: String = "secret-token-1\n") throws -> Planner
    {
      let account = scene.folder.file("serviceaccount")
      try FileManager.default.createDirectory(
        atPath: account, withIntermediateDirectories: true)
      try scene.folder.write("serviceaccount/token", token)
      try scene.folder.write("serviceaccount/namespace", "serving")
      try scene.folder.write(
        "serviceaccount/ca.crt",
        try String(
          contentsOfFile: scene.cluster.certificates.authority.certificate, encoding: .utf8))
      return scene.planner(after: 10).with(environment: [
        "KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": scene.cluster.url.split(separator: ":").last.map(String.init)
          ?? "", "SLA_PLANNER_SERVICE_ACCOUNT_DIR": account,
      ])
    }

    @Test("a pod's service account is enough, and events bear the pod's name")
    func serviceAccount() async throws {
      let scene = try await ClusterScene()
      _ = try await inPod(scene).with(environment: ["POD_NAME": "planner-28x"]).run()
        .decided(.applied)
      #expect(scene.events.first?["reportingInstance"] == "planner-28x")
    }

    @Test("POD_NAMESPACE goes before the service account's namespace")
    func namespace() async throws {
      let scene = try await ClusterScene()
      try await inPod(scene).with(environment: ["POD_NAMESPACE": "elsewhere"]).run()
        .refused(78, "The Lease 'chat-planner' does not exist in namespace 'elsewhere'")
      try await inPod(scene).with(environment: ["POD_NAMESPACE": "a/b"]).run()
        .refused(78, "POD_NAMESPACE")
    }

    @Test("without any access the error says what was looked for")
    func nothing() async throws {
      let scene = try await ClusterScene()
      let planner = scene.planner(after: 10).with(environment: [
        "KUBECONFIG": "", "HOME": scene.folder.path,
      ])
      try await planner.run().refused(78, "KUBERNETES_SERVICE_HOST", "\(scene.folder.path)/.kube")
    }

    @Test("of several kubeconfigs each adds what the ones before lack")
    func severalFiles() async throws {
      let scene = try await ClusterScene()
      let first = try scene.folder.write(
        "first", "users: [{name: u, user: {tokenFile: tokens/mine}}]\n")
      try FileManager.default.createDirectory(
        atPath: scene.folder.file("tokens"), withIntermediateDirectories: true)
      try scene.folder.write("tokens/mine", "secret-token-1")
      let second = try scene.kubeconfig("second", user: "{token: wrong}")
      _ = try await scene.planner(after: 10)
        .with(environment: ["KUBECONFIG": "\(first):\(scene.folder.file("absent")):\(second)"])
        .run().decided(.applied)
    }

    @Test("a client's certificate is enough, from files or inline")
    func certificates() async throws {
      var scene = try await ClusterScene()
      let identity = scene.cluster.certificates.client
      let strict = try await StandInCluster(
        version: "v1beta1", certificates: scene.cluster.certificates,
        asksForClientCertificate: true)
      let objects = scene.cluster.with { $0.objects }
      strict.with { state in
        state.objects = objects
        state.tokens = []
      }
      func base64(_ path: String) throws -> String {
        try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()
      }
      let users = [
        "{client-certificate: \(identity.certificate), client-key: \(identity.key)}",
        "{client-certificate-data: \(try base64(identity.certificate)), client-key-data: \(try base64(identity.key))}",
      ]
      for user in users {
        scene.planner.environment["KUBECONFIG"] = try scene.kubeconfig(
          server: strict.url, user: user)
        _ = try await scene.planner(after: 10).with(["dry-run": ""]).run().decided(.dryRun)
        let left = try FileManager.default.contentsOfDirectory(atPath: scene.folder.path)
        #expect(!left.contains { $0.hasPrefix("sla-planner-") })
      }
      #expect(strict.clientNames.allSatisfy { $0 == "planner" } && !strict.clientNames.isEmpty)
    }

    @Test("an exec plugin is asked for a token, once")
    func plugin() async throws {
      let scene = try await ClusterScene()
      let calls = scene.folder.file("calls")
      let plugin = try scene.folder.write(
        "plugin",
        """
        echo "$CLUSTER" >> \(calls)
        echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
        echo '"status":{"token":"secret-token-1"}}'
        """)
      let file = try scene.kubeconfig(
        user: """
          {exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, \
          args: [\(plugin)], interactiveMode: Never, env: [{name: CLUSTER, value: "17"}]}}
          """)
      _ = try await scene.planner(after: 10).with(environment: ["KUBECONFIG": file]).run()
        .decided(.applied)
      #expect(try String(contentsOfFile: calls, encoding: .utf8) == "17\n")
    }

    @Test("a server that isn't verified is used with a warning, one that fails verification not")
    func verification() async throws {
      let scene = try await ClusterScene()
      let careless = try scene.kubeconfig(cluster: "insecure-skip-tls-verify: true")
      let document = try await scene.planner(after: 10)
        .with(environment: ["KUBECONFIG": careless]).run().decided(.applied)
      #expect(document.ownWarnings.count == 1)
      #expect(document.ownWarnings.first?.contains("insecure-skip-tls-verify") == true)

      let other = scene.cluster.certificates.otherAuthority.certificate
      let strange = try scene.kubeconfig(cluster: "certificate-authority: \(other)")
      let run = try await scene.planner(after: 10).with(environment: ["KUBECONFIG": strange]).run()
      run.refused(69, "certificate is not trusted")
    }

    @Test(
      "a kubeconfig that can't be used says why, without its secrets",
      arguments: [
        ("current-context: here\nusers: [{name: u, user: {token: s3cr3t}", "not valid YAML"),
        ("users: [{name: u, user: {token: s3cr3t}}]", "no current-context"),
        ("current-context: x\nusers: [{name: u, user: {token: s3cr3t}}]", "no context 'x'"),
        ("- s3cr3t", "no current-context"),
      ])
    func broken(_ text: String, _ words: String) async throws {
      let scene = try await ClusterScene()
      let file = try scene.folder.write("broken", text)
      let run = try await scene.planner(after: 10).with(environment: ["KUBECONFIG": file]).run()
      run.refused(78, words, file)
      #expect(!run.errorOutput.contains("s3cr3t"))
    }
  }

  @Suite("Recording and replaying")
  struct RecordingTests {
    @Test("a recorded run is replayed without cluster, credentials or network, byte for byte")
    func replay() async throws {
      var scene = try await ClusterScene()
      scene.planner.flags["max-gpu-budget"] = "26"
      scene.planner.environment["POD_NAME"] = "planner-28x"
      let recording = scene.folder.file("recording")
      let original = try await scene.planner(after: 10).with(["record": recording]).run()
      _ = try original.decided(.applied)

      for file in try FileManager.default.subpathsOfDirectory(atPath: recording) {
        guard let data = FileManager.default.contents(atPath: "\(recording)/\(file)") else {
          continue
        }
        let text = String(decoding: data, as: UTF8.self)
        #expect(!text.contains("secret-token"), "\(file)")
        #expect(!text.contains("kubeconfig"), "\(file)")
      }
      let calls = scene.cluster.calls.count
      let elsewhere = try TemporaryFolder()
      let replay = Planner(
        flags: ["replay": recording, "output": "json"], environment: ["HOME": elsewhere.path],
        directory: elsewhere.path)
      let again = try await replay.run()
      _ = try again.decided(.applied)
      #expect(again.output == original.output)
      #expect(scene.cluster.calls.count == calls)
    }

    @Test("a run on remembered API versions is replayed, too, and a failure as it was")
    func replayOfFailure() async throws {
      let scene = try await ClusterScene()
      _ = try await scene.run(after: 9).decided(.applied)
      scene.operate()
      scene.cluster.with {
        $0.forbidden = ["patch dynamographdeploymentscalingadapters/scale"]
      }
      let recording = scene.folder.file("recording")
      let original = try await scene.planner(after: 10).with(["record": recording]).run()
      _ = try original.decided(.failed, exit: 77)
      let replay = Planner(
        flags: ["replay": recording, "output": "json"], directory: scene.folder.path)
      let again = try await replay.run()
      _ = try again.decided(.failed, exit: 77)
      #expect(again.output == original.output)
    }
  }
}
