import Foundation
import Settings
import TestSupport
import Testing
import Yams

@Suite("Examples for CI")
struct PipelineTests {
  private static func read(_ name: String) throws -> Node {
    let path = Manifests.path("examples/ci/\(name)")
    return try #require(try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8)))
  }

  /// The arguments of the planner in a command that runs its image.
  private static func arguments(_ command: String) throws -> [String] {
    let words = command.split(whereSeparator: \.isWhitespace).map(String.init)
    let first = try #require(words.firstIndex(of: "audit"))
    return Array(words[first...])
  }

  @Test("the workflow audits on pull requests and may only read")
  func workflowAuditsOnPullRequests() throws {
    let workflow = try Self.read("github-audit.yml")
    // YAML 1.1, unlike GitHub, takes the key `on` for true; the node keeps its text.
    #expect(workflow["on"]?["pull_request"] != nil)
    #expect(workflow["permissions"]?["contents"]?.string == "read")
    let steps = try #require(workflow["jobs"]?["audit"]?["steps"]?.sequence)
    let commands = steps.compactMap { $0["run"]?.string }
    #expect(commands.count == 1)
    #expect(commands[0].contains("--env GITHUB_ACTIONS"))
    #expect(steps.compactMap { $0["uses"]?.string }.allSatisfy { $0.contains("@v") })
    let uploads = steps.compactMap { $0["with"]?["path"]?.string }
    #expect(uploads == ["audit.xml"])
  }

  @Test("both pipelines give the same audit, with flags that there are")
  func bothPipelinesGiveTheSameAudit() throws {
    let workflow = try Self.read("github-audit.yml")
    let steps = try #require(workflow["jobs"]?["audit"]?["steps"]?.sequence)
    let job = try #require(try Self.read("gitlab-audit.yml")["planner-audit"])
    let script = job["script"]?.sequence?.first?.string ?? ""
    let commands = steps.compactMap { $0["run"]?.string }
    let audit = try Self.arguments(commands.first ?? "")
    #expect(try Self.arguments(script) == audit)
    #expect(job["artifacts"]?["reports"]?["junit"]?.string == "audit.xml")
    let own = ["allow", "limit", "junit"]
    let known = Set(OptionTable.options.map(\.name) + own)
    for flag in audit where flag.hasPrefix("--") {
      #expect(known.contains(String(flag.dropFirst(2))), "\(flag)")
    }
  }
}
