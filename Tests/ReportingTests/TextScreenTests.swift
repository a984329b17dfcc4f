import Foundation
import Invocation
import Planning
import Presentation
import TestSupport
import Testing

@testable import Reporting

/// The texts that people read, as they were. Written anew by
/// `SLA_PLANNER_WRITE_DOCS=1 scripts/test --filter TextScreenTests`.
@Suite("Texts for people")
struct TextScreenTests {
  static let pin = Control(
    .pin, .decode, minimum: 3, maximum: 3, owner: "anna", reason: "load test", since: 900,
    until: 4600)

  static func pinned() throws -> PastDecision {
    var input = Scene.input()
    input.controls = [pin]
    input.warnings = ["One frontend was not read.", "One frontend was not read."]
    return try Scene.past(7, input: input)
  }

  static func held() throws -> PastDecision {
    var input = Scene.input(time: 1060)
    input.workers?.samples = []
    input.workers?.failure = "GET http://router/metrics answered HTTP 503"
    input.state.holdSince = 700
    return try Scene.past(8, input: input, status: "held")
  }

  /// The times of a machine in Berlin, in winter.
  static let berlin = TimeStyle { _ in 3600 }

  static func whatIf() throws -> WhatIfText {
    let past = try pinned()
    var input = past.record.input
    input.policy.gpuBudget = 4
    return WhatIfText(
      past, again: past.record.decision,
      other: try Planner.decide(input, profile: nil).decision,
      settings: [.init("max-gpu-budget", was: "8", now: "4")])
  }

  static func history() throws -> String {
    let entries = try [held(), pinned()].map { past -> HistoryEntry in
      .decision(
        id: past.id, time: past.printed.time, rows: HistoryFilter().rows(of: past.printed))
    }
    let failed = FailedRun(first: 1010, last: 1050, count: 3, code: 69, error: "etcd is away.")
    return HistoryTable([entries[0], .failed(failed), entries[1]], total: 12, times: berlin).text
  }

  static func audit() throws -> String {
    let auditor = Auditor(profile: nil, allowance: AuditAllowance()) { recorded in
      var policy = recorded
      policy.gpuBudget = 4
      return policy
    }
    let cases = try [pinned(), held()].map { auditor.audit(try AuditedDecision($0)) }
    return AuditReport(cases: cases, settings: [.init("max-gpu-budget", was: "8", now: "4")]).text
  }

  static let texts: [(name: String, make: @Sendable () throws -> String)] = [
    ("run", { DecisionText(try pinned().document, times: berlin).text }),
    ("explain", { DecisionStory(try pinned(), next: try held().printed, times: berlin).text }),
    ("explain-held", { DecisionStory(try held(), next: try pinned().printed, times: berlin).text }),
    ("what-if", { try whatIf().text }), ("history", history), ("audit", audit),
  ]

  @Test("they say what they said", arguments: texts.map(\.name))
  func unchanged(name: String) throws {
    let make = try #require(Self.texts.first { $0.name == name }).make
    let text = try make() + "\n"
    let file = Fixture.url("texts/\(name).txt")
    if ProcessInfo.processInfo.environment["SLA_PLANNER_WRITE_DOCS"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let written = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(
      written == text,
      "Write it anew: SLA_PLANNER_WRITE_DOCS=1 scripts/test --filter TextScreenTests")
  }
}
