import Connectors
import Foundation
import HTTPTransport
import Invocation
import Planning
import TestSupport
import Testing

/// Credentials from a program that the kubeconfig names, against a cluster over TLS.
@Suite("Exec credential plugins", .sharedCertificates)
struct ExecCredentialTests {
  private let cluster: StandInCluster
  private let folder: TemporaryFolder

  init() async throws {
    cluster = try await standInCluster()
    folder = try TemporaryFolder()
    let deployment = try resource("v1beta1_disagg")
    cluster.with { $0.add(deployment: deployment) }
  }

  /// An access through a shell script; `exec` completes or replaces the section.
  private func access(
    _ script: String, exec: JSON = [:], server: String? = nil
  ) async throws -> KubernetesAccess {
    let source = try folder.write("bin/source", "#!/bin/sh\n" + script)
    let file = folder.path + "/bin/plugin"
    // Another process writes the program: a program that this one holds open for writing, or any
    // child that it is starting meanwhile, can't be run.
    _ = try await ChildProcess.run("install", ["-m", "755", source, file])
    let section = JSON.object([
      "command": .string(file), "apiVersion": "client.authentication.k8s.io/v1",
      "interactiveMode": "Never",
    ]).merging(exec)
    let config: JSON = [
      "current-context": "x",
      "contexts": [
        ["name": "x", "context": ["cluster": "c", "user": "u", "namespace": "serving"]]
      ],
      "clusters": [
        [
          "name": "c",
          "cluster": [
            "server": .string(server ?? cluster.url),
            "certificate-authority": .string(cluster.certificates.authority.certificate),
          ],
        ]
      ],
      "users": [["name": "u", "user": ["exec": section]]],
    ]
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try KubernetesAccess.find(
      environment: [
        "KUBECONFIG": try folder.write("config", config.text), "PATH": path, "INHERITED": "yes",
      ],
      serviceAccountFolder: "/nowhere", parseYAML: ConfigurationValue.init(json:))
  }

  private func connector(_ access: KubernetesAccess) throws -> KubernetesConnector {
    try KubernetesConnector(
      api: KubernetesAPI(access: access, client: realHTTPClient(), pause: { _ in }),
      settings: .init(deploymentName: "chat", mode: .disagg, backend: "vllm"))
  }

  private func credential(_ status: JSON, version: String = "v1") -> String {
    let answer: JSON = [
      "apiVersion": .string("client.authentication.k8s.io/\(version)"), "kind": "ExecCredential",
      "status": status,
    ]
    return "cat <<'EOF'\n\(answer.text)\nEOF\n"
  }

  @Test("a token is used, in both versions of the API", arguments: ["v1", "v1beta1"])
  func token(_ version: String) async throws {
    let access = try await access(
      credential(["token": "secret-token-1"], version: version),
      exec: ["apiVersion": .string("client.authentication.k8s.io/\(version)")])
    _ = try await connector(access).observe(at: 1)
  }

  @Test("it runs once, and again when its token is refused")
  func refusedToken() async throws {
    // Each run gives a token with the next number.
    let counter = folder.path + "/count"
    let script = """
      echo run >> \(counter)
      n=$(wc -l < \(counter))
      echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
      echo '"status":{"token":"secret-token-'$n'"}}'
      """
    let connector = try connector(try await access(script))
    _ = try await connector.observe(at: 1)
    _ = try await connector.observe(at: 2)
    #expect(try String(contentsOfFile: counter, encoding: .utf8) == "run\n")
    cluster.with { $0.tokens = ["secret-token-2"] }
    _ = try await connector.observe(at: 3)
    cluster.with { $0.tokens = ["never"] }
    await expectRefusal(.permissionDenied) { try await connector.observe(at: 4) }
    #expect(try String(contentsOfFile: counter, encoding: .utf8) == "run\nrun\nrun\n")
  }

  @Test("a client certificate is used")
  func certificate() async throws {
    let cluster = try await standInCluster(asksForClientCertificate: true)
    let deployment = try resource("v1beta1_disagg")
    cluster.with {
      $0.tokens = []
      $0.add(deployment: deployment)
    }
    let identity = cluster.certificates.client
    let status: JSON = [
      "clientCertificateData": .string(
        try String(contentsOfFile: identity.certificate, encoding: .utf8)),
      "clientKeyData": .string(try String(contentsOfFile: identity.key, encoding: .utf8)),
    ]
    let access = try await access(credential(status), server: cluster.url)
    _ = try await connector(access).observe(at: 1)
    #expect(cluster.clientNames.first == "planner")
  }

  @Test("it gets its arguments, its variables, the inherited ones and the cluster's facts")
  func environment() async throws {
    let seen = folder.path + "/seen"
    let access = try await access(
      "printf '%s|' \"$@\" \"$STAGE\" \"$INHERITED\" \"$KUBERNETES_EXEC_INFO\" > \(seen)\n"
        + credential(["token": "secret-token-1"]),
      exec: [
        "args": ["get token", "--x"], "env": [["name": "STAGE", "value": "test"]],
        "provideClusterInfo": true,
      ])
    _ = try await connector(access).observe(at: 1)
    let words = try String(contentsOfFile: seen, encoding: .utf8).split(separator: "|")
    #expect(words.prefix(4) == ["get token", "--x", "test", "yes"])
    let info = try JSON(Data((words.last ?? "").utf8))
    #expect(info["kind"] == "ExecCredential")
    #expect(info[path: "spec/interactive"] == false)
    #expect(info[path: "spec/cluster/server"]?.string == cluster.url)
    #expect(info[path: "spec/cluster/certificate-authority-data"] != nil)
  }

  @Test("a relative command belongs to the kubeconfig's folder, a bare name to PATH")
  func commands() async throws {
    let script = credential(["token": "secret-token-1"])
    _ = try await connector(try access(script, exec: ["command": "./bin/plugin"])).observe(at: 1)
    let access = try await access(
      "",
      exec: [
        "command": "echo",
        "args": [
          #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"secret-token-1"}}"#
        ],
      ])
    _ = try await connector(access).observe(at: 1)
  }

  /// A plugin that does not do its job.
  struct Failure: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var script: String
    var exec: JSON = [:]
    var message: String
  }

  @Test(
    "a plugin that fails is named with what it said",
    arguments: [
      Failure(
        testDescription: "fails", script: "echo 'please log in' >&2; exit 3",
        message: "failed with status 3: please log in."),
      Failure(
        testDescription: "dies", script: "kill -KILL $$", message: "failed with status 137"),
      Failure(
        testDescription: "prints nothing", script: "true",
        message: "did not print an ExecCredential"),
      Failure(
        testDescription: "prints nonsense", script: "echo hello",
        message: "did not print an ExecCredential"),
      Failure(
        testDescription: "other version",
        script:
          #"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential"}'"#,
        message: "answered in version 'client.authentication.k8s.io/v1beta1'"),
      Failure(
        testDescription: "no credentials",
        script: #"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}'"#,
        message: "gave neither a token nor a certificate"),
      Failure(
        testDescription: "certificate without key",
        script:
          #"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"x"}}'"#,
        message: "gave neither a token nor a certificate"),
      Failure(
        testDescription: "not installed", script: "",
        exec: ["command": "no-such-plugin", "installHint": "Install it from example.org."],
        message: "could not be run: No such file or directory. Install it from example.org."),
      Failure(
        testDescription: "prints without end", script: "yes 0123456789",
        message: "it printed more than 1 MiB"),
    ])
  func failures(_ failure: Failure) async throws {
    let connector = try connector(try await access(failure.script, exec: failure.exec))
    let error = await expectRefusal(.misconfigured) { try await connector.observe(at: 1) }
    #expect(error.contains(failure.message), "\(error)")
    #expect(error.contains("of user 'u'"))
    #expect(cluster.calls.isEmpty)
  }
}
