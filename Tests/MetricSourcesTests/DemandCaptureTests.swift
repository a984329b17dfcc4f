import Foundation
import TestSupport
import Testing

@testable import MetricSources

/// What the arithmetic of ``DemandQueries`` rests on, on pages of real frontends and routers.
@Suite("Arrivals on captured pages")
struct DemandCaptureTests {
  @Test(
    "on 1.6.1, requests started less completed are in flight",
    arguments: [
      "v161_03_light", "v161_04_medium", "v161_08a_killed_now", "v161_08b_killed_5s",
      "v161_08c_killed_20s", "v161_10_errors", "v161_12_agg_2workers",
    ])
  func starts(_ tag: String) throws {
    let page = try page(tag)
    let started = sum(page, "requests_started_total")
    #expect(started > 0)
    #expect(started - sum(page, "requests_total") == sum(page, "inflight_requests"))
  }

  @Test(
    "on 1.0.0, requests in flight are the queued ones and those with a first token but no last",
    arguments: ["v100_03_light", "v100_04_medium", "v100_05_heavy", "v100_06a_added_now"])
  func inFlight(_ tag: String) throws {
    let page = try page(tag)
    #expect(!page.contains("requests_started_total"))
    let streaming =
      sum(page, "time_to_first_token_seconds_count") - sum(page, "requests_total")
    // The counters and gauges of one page are not read at one instant.
    #expect(abs(sum(page, "inflight_requests") - sum(page, "queued_requests") - streaming) <= 1)
  }

  @Test(
    "the router of 1.6.1 has counted the input length of every request that started",
    arguments: ["v161_04_medium", "v161_08c_killed_20s", "v161_12_agg_2workers"])
  func router(_ tag: String) throws {
    let page = try page(tag)
    let arrived = page.split(separator: "\n").filter {
      $0.hasPrefix("dynamo_component_router_input_sequence_tokens_count{")
        && ($0.contains(#"phase="prefill""#) || $0.contains(#"phase="aggregated""#))
    }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    #expect(arrived == sum(page, "requests_started_total"))
  }

  private func page(_ tag: String) throws -> String {
    String(decoding: try Fixture.data("captures/\(tag).prom"), as: UTF8.self)
  }

  /// The sum over one frontend metric's series of the model.
  private func sum(_ page: String, _ name: String) -> Double {
    page.split(separator: "\n").filter {
      $0.hasPrefix("dynamo_frontend_\(name){") && $0.contains(#"model="tiny-llama""#)
    }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
  }
}
