import Foundation
import Invocation
import Testing

@testable import StateStore

@Suite("Looking back")
struct HistoryTests {
  let scene: StateScene
  let now = StateScene.now

  init() throws { scene = try StateScene() }

  @Test("decisions come newest first, page by page, each once")
  func pages() throws {
    let store = scene.store()
    _ = try store.begin(owner: "a", now: now, leaseSeconds: 60)
    // Times repeat and run backwards (a clock that was set): the order must still be total.
    for time in [5.0, 1, 5, 3, 5, 2, 5] {
      _ = try store.save(LearnedStep(decision: .sample("held", now + time), now: now))
    }
    var pages: [[Int]] = []
    var last: Int?
    while true {
      let page = try store.decisions(limit: 2, before: last).compactMap(\.id)
      if page.isEmpty { break }
      pages.append(page)
      last = page.last
    }
    #expect(pages == [[7, 5], [3, 1], [4, 6], [2]])
    #expect(try store.decisions(limit: 0) == [])
    #expect(try store.decisions(limit: -1) == [])
    #expect(try store.decisions(limit: 5, before: 99) == [])
  }

  @Test("looking back needs no lease and disturbs nobody")
  func readingBesideAnInvocation() throws {
    try scene.fill()
    let working = scene.store()
    _ = try working.begin(owner: "a", now: now, leaseSeconds: 60)
    let reader = scene.store { $0.lockPatienceSeconds = 0 }
    #expect(try reader.decisions(limit: 10).map(\.status) == ["pending", "applied"])
    #expect(try reader.decision(id: 1)?.input == #"{"now":\#(now - 60)}"#)
    #expect(try reader.decision(id: 99) == nil)
    try reader.verify()
    _ = try working.save(LearnedStep(settled: (2, "applied", nil), now: now, endsLease: true))
    #expect(try reader.decisions(limit: 10).map(\.status) == ["applied", "applied"])
  }
}
