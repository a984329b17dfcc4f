import Planning
import TestSupport
import Testing

@testable import MetricSources

/// Cases of the original planner's text parser; see `Fixtures/golden/README.md`.
@Suite("Router pages the original planner was run on")
struct RouterPageGoldenTests {
  struct GoldenFile: Decodable {
    var cases: [Golden]
  }

  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var parsed: Parsed
    var testDescription: String { name }
  }

  /// `worker type → worker id → gauge → value`.
  typealias Gauges = [String: [String: [String: Double]]]

  /// What the original found, or that it threw.
  enum Parsed: Decodable, Sendable {
    case workers(Gauges)
    case exception

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let workers = try? container.decode(Gauges.self)
      self = workers.map(Parsed.workers) ?? .exception
    }
  }

  /// Where the result differs from the original's on purpose: the gauges expected, and why.
  static let exceptions: [String: (expected: Gauges, reason: String)] =
    [
      "dp_ranks_collide": (
        ["decode": ["100": ["active_decode_blocks": 1000]]],
        "departure 21: loads of a worker's ranks are summed, not overwritten"
      ),
      "two_models_same_worker": (
        ["prefill": ["1": ["active_prefill_tokens": 201]]],
        "departure 21: with no model given, a worker's load is that of all its models"
      ),
      "missing_worker_id": ([:], "departure 21: no worker called 'unknown'"),
      "missing_worker_type": ([:], "the type decides; an unknown one is left out"),
      "no_labels": ([:], "departure 21: no worker called 'unknown'"),
      "empty_braces": ([:], "departure 21: no worker called 'unknown'"),
      "empty_label_value": ([:], "departure 21 (#12591): no worker with an empty id"),
      "other_worker_type": ([:], "the type decides; an unknown one is left out"),
      "value_NaN": (second, refused), "value_nan": (second, refused),
      "value_+Inf": (second, refused), "value_-Inf": (second, refused),
      "value_Inf": (second, refused), "value_inf": (second, refused),
      "value_1e309": (second, refused),
      "value_٣": (onlySecond, "the format has ASCII digits"),
      "value_0x10": (onlySecond, oneLine),
      "value_1_000": (onlySecond, oneLine),
      "value_1,5": (onlySecond, oneLine),
      "value_--1": (onlySecond, oneLine),
      "type_bogus": (
        ["decode": ["1": ["active_decode_blocks": 100]]],
        "departure 21: a TYPE line that isn't understood doesn't discard the page"
      ),
      "worker_metric_as_histogram": (
        [:], "a histogram's count is not a gauge; the original took the last sample of the family"
      ),
    ]
  private static let second: Gauges = ["decode": ["1": [:], "2": ["active_decode_blocks": 5]]]
  private static let onlySecond: Gauges = ["decode": ["2": ["active_decode_blocks": 5]]]
  private static let refused: String = "departure 25: a gauge that isn't finite is refused"
  private static let oneLine = "departure 21: one malformed line doesn't discard the page"

  /// Pages with malformed lines of which the original kept nothing, and how many lines are bad.
  static let partlyReadable = [
    "malformed_bad_middle_line": 1, "malformed_truncated": 1, "malformed_truncated_in_name": 1,
    "bom": 0,
  ]

  static var cases: [Golden] {
    get throws { try Fixture.json(GoldenFile.self, "golden/metrics_text.json").cases }
  }

  @Test("give the same gauges, except where a fault is mended", arguments: try cases)
  func gauges(_ golden: Golden) throws {
    let bytes = Array(golden.text.utf8)
    if let exception = Self.exceptions[golden.name] {
      #expect(try gauges(bytes) == exception.expected, "\(exception.reason)")
      return
    }
    switch golden.parsed {
    case .workers(let expected):
      // Workers that only have `last_*` gauges are gone (captures: ghosts).
      let live = expected.compactMapValues { workers in
        let live = workers.filter {
          $0.value.keys.contains { $0.hasPrefix("active_") }
        }
        return live.isEmpty ? nil : live
      }
      #expect(try gauges(bytes) == live)
    case .exception:
      if let malformed = Self.partlyReadable[golden.name] {
        let page = try RouterPage.parse(bytes)
        #expect(page.malformedLines.count == malformed)
        #expect(page.series.count >= 3)
      } else {
        #expect(throws: MetricSourceError.self) { try RouterPage.parse(bytes) }
      }
    }
  }

  private func gauges(_ bytes: [UInt8]) throws -> Gauges {
    var result: Gauges = [:]
    for worker in try RouterPage.parse(bytes).workers(modelName: nil, dynamoNamespace: "").live {
      var gauges: [String: Double] = [:]
      gauges["active_prefill_tokens"] = worker.activePrefillTokens
      gauges["active_decode_blocks"] = worker.activeDecodeBlocks
      gauges["last_ttft"] = worker.lastTTFTMilliseconds.map(seconds)
      gauges["last_isl"] = worker.lastISL
      gauges["last_itl"] = worker.lastITLMilliseconds.map(seconds)
      result[worker.component.rawValue, default: [:]][worker.workerID] = gauges
    }
    return result
  }

  /// Milliseconds back to the seconds of the page, which have six decimals.
  private func seconds(_ milliseconds: Double) -> Double {
    (milliseconds * 1000).rounded() / 1e6
  }
}
