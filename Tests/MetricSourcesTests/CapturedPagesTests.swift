import Foundation
import Planning
import TestSupport
import Testing

@testable import MetricSources

/// Pages of a real frontend; see `Fixtures/captures/README.md`.
@Suite("Captured router pages")
struct CapturedPagesTests {
  @Test(
    "show the workers that were live",
    arguments: [
      ("ghost100_final", 1, 1), ("v100_00_no_workers", 0, 0), ("v100_01_decode_only", 0, 0),
      ("v100_02_idle_before_load", 0, 1), ("v100_03_light", 1, 1), ("v100_04_medium", 1, 1),
      ("v100_05_heavy", 1, 1), ("v100_06a_added_now", 2, 2), ("v100_06b_added_20s", 2, 2),
      ("v100_08a_killed_now", 2, 1), ("v100_08b_killed_5s", 2, 1), ("v100_08c_killed_20s", 1, 1),
      ("v100_08d_hung_after_kill", 1, 1), ("v100_09a_load_stopped", 1, 1),
      ("v100_09b_idle_40s", 1, 1), ("v100_10_errors", 1, 1), ("v100_11a_frontend_restarted", 1, 1),
      ("v100_11b_frontend_restarted_26s", 1, 1), ("v100_12_agg_2workers", 0, 2),
      ("v161_00_no_workers", 0, 0), ("v161_01_decode_only", 0, 1),
      ("v161_02_idle_before_load", 1, 1), ("v161_03_light", 1, 1), ("v161_04_medium", 1, 1),
      ("v161_07a_removed_now", 2, 1), ("v161_07b_removed_15s", 2, 1),
      ("v161_08a_killed_now", 2, 1), ("v161_08b_killed_5s", 2, 1), ("v161_08c_killed_20s", 1, 1),
      ("v161_09a_load_stopped", 1, 1), ("v161_09b_idle_40s", 1, 1), ("v161_10_errors", 1, 1),
      ("v161_12_agg_2workers", 0, 2),
    ])
  /// In `v161_08b` the router still has the worker registered that was killed 5 s ago.
  func workerCounts(_ tag: String, _ prefill: Int, _ decode: Int) throws {
    let found = try workers(tag)
    #expect(found.live.filter { $0.component == .prefill }.count == prefill)
    #expect(found.live.filter { $0.component == .decode }.count == decode)
    #expect(found.warnings.isEmpty)
    for worker in found.live {
      #expect(worker.activePrefillTokens != nil && worker.activeDecodeBlocks != nil)
      #expect(worker.workerID.hasPrefix("9041998841"))
    }
  }

  @Test("show five removed workers' last gauges, which don't make them live") func ghosts() throws {
    let page = try page("ghost100_final")
    #expect(page.series.count == 7)
    #expect(page.series.filter(\.isLive).count == 2)
    #expect(
      try workers("ghost100_final").live == [
        WorkerGauges(
          workerID: "9041998841758476298", component: .prefill, activePrefillTokens: 9789,
          activeDecodeBlocks: 0, lastTTFTMilliseconds: 1.256248451 * 1000, lastISL: 4220),
        WorkerGauges(
          workerID: "9041998841758476300", component: .decode, activePrefillTokens: 0,
          activeDecodeBlocks: 421, lastITLMilliseconds: 0.012339027 * 1000),
      ])
  }

  @Test("show the gauges of a disaggregated and an aggregated stack") func gauges() throws {
    #expect(
      try workers("v161_04_medium").live == [
        WorkerGauges(
          workerID: "9041998841586588959", component: .prefill, activePrefillTokens: 0,
          activeDecodeBlocks: 0, lastTTFTMilliseconds: 0.135679791 * 1000, lastISL: 2631),
        WorkerGauges(
          workerID: "9041998841586588940", component: .decode, activePrefillTokens: 0,
          activeDecodeBlocks: 65, lastITLMilliseconds: 0.009996596 * 1000),
      ])
    #expect(
      try workers("v100_12_agg_2workers").live == [
        WorkerGauges(
          workerID: "9041998841854147850", component: .decode, activePrefillTokens: 0,
          activeDecodeBlocks: 0, lastTTFTMilliseconds: 0.041847398 * 1000, lastISL: 996,
          lastITLMilliseconds: 0.004626385 * 1000),
        WorkerGauges(
          workerID: "9041998841854147852", component: .decode, activePrefillTokens: 0,
          activeDecodeBlocks: 0, lastTTFTMilliseconds: 0.035078981 * 1000, lastISL: 744,
          lastITLMilliseconds: 0.004754045 * 1000),
      ])
  }

  @Test("give eight samples of the gauges under load") func eightSamples() throws {
    let text = String(
      decoding: try Fixture.data("captures/v100_05_heavy_gauges_8samples.txt"), as: UTF8.self)
    var pages: [String: [String]] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      pages[String(parts[0]), default: []].append(String(parts[1]))
    }
    #expect(pages.count == 8)
    let prefillTokens = try pages.sorted { $0.key < $1.key }.map { _, lines in
      let found = try RouterPage.parse(Array(lines.joined(separator: "\n").utf8))
        .workers(modelName: "tiny-llama", dynamoNamespace: "dynamo")
      #expect(found.live.map(\.component) == [.prefill, .decode])
      return found.live.first?.activePrefillTokens ?? -1
    }
    #expect(prefillTokens.first == 186344)
    #expect(Set(prefillTokens).count > 1)
  }

  private func page(_ tag: String) throws -> RouterPage {
    try RouterPage.parse(Array(try Fixture.data("captures/\(tag).prom")))
  }

  private func workers(_ tag: String) throws -> RouterWorkers {
    try page(tag).workers(modelName: "Tiny-Llama", dynamoNamespace: "dynamo")
  }
}
