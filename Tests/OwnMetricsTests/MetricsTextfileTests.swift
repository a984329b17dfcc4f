import Foundation
import Synchronization
import TestSupport
import Testing

@testable import OwnMetrics

@Suite("Textfile")
struct MetricsTextfileTests {
  @Test("a reader never sees half a page")
  func readerNeverSeesHalfAPage() async throws {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("planner.prom").path
    let file = MetricsTextfile(path: path)
    let pages = ["a", String(repeating: "b", count: 200)].map { Sample.page(deployment: $0) }
    try file.write(pages[0])
    let whole = Set(pages.map(\.text))

    let isDone = Mutex(false)
    let reader = Task.detached { () -> (reads: Int, kinds: Set<String>) in
      var reads = 0
      var kinds: Set<String> = []
      while !isDone.withLock({ $0 }) || reads == 0 {
        kinds.insert(try String(contentsOfFile: path, encoding: .utf8))
        reads += 1
      }
      return (reads, kinds)
    }
    for turn in 0..<2000 { try file.write(pages[turn % 2]) }
    isDone.withLock { $0 = true }
    let (reads, kinds) = try await reader.value
    #expect(reads > 0)
    #expect(kinds.isSubset(of: whole))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["planner.prom"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o644)
  }

  @Test("what a killed invocation left does not stand in the way")
  func whatAKilledInvocationLeftDoesNotStand() throws {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let left = folder.appendingPathComponent(".p.prom.\(getpid()).tmp")
    try Data("half".utf8).write(to: left)
    try MetricsTextfile(path: folder.appendingPathComponent("p.prom").path).write(Sample.page())
    #expect(!FileManager.default.fileExists(atPath: left.path))
  }

  @Test(
    "a file that can't be written is a warning that names the flag",
    arguments: ["/nowhere/at/all/p.prom", "", "/proc/p.prom"])
  func fileThatCantBeWrittenIsAWarning(_ path: String) async throws {
    let warnings = await MetricsOutlets(textfile: MetricsTextfile(path: path))
      .publish(Sample.page())
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("--metrics-textfile") == true)
  }

  @Test("a name that can not be taken leaves nothing behind")
  func nameThatCanNotBeTakenLeavesNothingBehind() throws {
    let folder = try Sample.scratchFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let target = folder.appendingPathComponent("p.prom")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    #expect(throws: OwnMetricsError.self) {
      try MetricsTextfile(path: target.path).write(Sample.page())
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["p.prom"])
  }
}
