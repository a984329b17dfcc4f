import Foundation
import TestSupport
import Testing

@testable import MetricSources

@Suite("The page parser and a simple reference parser")
struct RouterPageAgreementTests {
  @Test("agree on random valid pages", arguments: 1...40)
  func validPages(_ seed: UInt64) throws {
    var generator = SeededRandom(seed: seed)
    let page = Array(RandomPage.text(&generator).utf8)
    let parsed = try RouterPage.parse(page)
    #expect(parsed.malformedLines.count == 0, "\(parsed.malformedLines)")
    expectAgreement(page)
  }

  @Test("agree on truncated pages", arguments: 1...2)
  func truncatedPages(_ seed: UInt64) {
    var generator = SeededRandom(seed: seed)
    let page = Array(RandomPage.text(&generator, workers: 2).utf8)
    for count in 0...page.count where count % 3 == 0 || count < 400 {
      expectAgreement(Array(page.prefix(count)))
    }
  }

  @Test("agree on pages with flipped, lost and doubled bytes", arguments: 1...120)
  func damagedPages(_ seed: UInt64) {
    var generator = SeededRandom(seed: seed)
    var page = Array(RandomPage.text(&generator, workers: 3).utf8)
    for _ in 0...generator.below(12) {
      let place = generator.below(page.count)
      switch generator.below(4) {
      case 0: page[place] ^= 1 << UInt8(generator.below(8))
      case 1: page.remove(at: place)
      case 2: page.insert(page[generator.below(page.count)], at: place)
      default: page[place] = generator.pick(Array("\"\\{}=,# \n\r\t".utf8) + [0, 0xff])
      }
    }
    expectAgreement(page)
  }

  @Test("agree on the captured pages")
  func captures() throws {
    let pages = try FileManager.default.contentsOfDirectory(
      at: Fixture.url("captures"), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "prom" }
    #expect(pages.count == 34)
    for page in pages { expectAgreement(Array(try Data(contentsOf: page))) }
  }

  private func expectAgreement(_ page: [UInt8]) {
    let reference = ReferencePageParser(page)
    do {
      let parsed = try RouterPage.parse(page)
      #expect(parsed.sampleCount == reference.sampleCount)
      #expect(parsed.malformedLines.count == reference.malformedLines.count)
      #expect(
        parsed.malformedLines.examples.map(\.line) == Array(reference.malformedLines.prefix(3)))
      // Two spellings of one label value (an unknown escape) are two series to the parser.
      guard Set(parsed.series.map(\.identity)).count == parsed.series.count else { return }
      expectSame(parsed.asReference, decoded(reference.gauges))
    } catch {
      let start = String(decoding: page, as: UTF8.self)
        .trimmingCharacters(in: ["\u{feff}", " ", "\t", "\r"])
      #expect(
        reference.sampleCount == 0 && !reference.malformedLines.isEmpty || start.hasPrefix("<"))
    }
  }

  /// Invalid UTF-8 is replaced in our labels; the reference keeps the bytes.
  private func decoded(_ gauges: [ReferencePageParser.Key: [String: Double]])
    -> [ReferencePageParser.Key: [String: Double]]
  {
    func repaired(_ bytes: [UInt8]) -> [UInt8] {
      Array(String(decoding: bytes, as: UTF8.self).utf8)
    }
    let pairs = gauges.map { key, values in
      (
        ReferencePageParser.Key(
          workerID: repaired(key.workerID), rank: repaired(key.rank),
          workerType: repaired(key.workerType), model: repaired(key.model),
          namespace: repaired(key.namespace)), values
      )
    }
    return Dictionary(pairs) { first, second in first.merging(second) { $1 } }
  }

  private func expectSame(
    _ left: [ReferencePageParser.Key: [String: Double]],
    _ right: [ReferencePageParser.Key: [String: Double]]
  ) {
    #expect(Set(left.keys) == Set(right.keys))
    for (key, values) in left {
      let others = right[key] ?? [:]
      #expect(Set(values.keys) == Set(others.keys))
      for (name, value) in values {
        let other = others[name] ?? -1
        #expect(value == other || value.isNaN && other.isNaN, "\(name) of \(key)")
      }
    }
  }
}

extension RouterPage.Series {
  fileprivate var identity: [String] {
    [workerID, rank, workerType, model ?? "", dynamoNamespace ?? ""]
  }
}

/// Pages as a router may write them, with everything the format allows.
enum RandomPage {
  static func text(_ generator: inout SeededRandom, workers: Int = 12) -> String {
    let newline = generator.below(4) == 0 ? "\r\n" : "\n"
    var lines: [String] = []
    let ids = (0..<workers).map { _ in workerID(&generator) }
    for gauge in RouterGauge.allCases.shuffled(using: &generator) {
      if generator.below(3) > 0 {
        lines += ["# HELP \(gauge.name) A \"gauge\" {of} 1", "# TYPE \(gauge.name) gauge"]
      }
      for id in ids where generator.below(8) > 0 {
        lines.append(sample(gauge, id, &generator))
        if generator.below(6) == 0 { lines.append(noise(&generator)) }
      }
    }
    if generator.below(3) == 0 { lines.append("# EOF") }
    let start = generator.below(10) == 0 ? "\u{feff}" : ""
    return start + lines.joined(separator: newline) + generator.pick(["", newline])
  }

  private static func workerID(_ generator: inout SeededRandom) -> String {
    generator.below(5) == 0
      ? generator.pick([#"a\"b"#, #"c\\d"#, #"e\nf"#, "é漢", "x}y,z=1", "#1 {", ""])
      : String(generator.next() >> 1)
  }

  private static func sample(
    _ gauge: RouterGauge, _ id: String, _ generator: inout SeededRandom
  ) -> String {
    var labels = [
      #"worker_id="\#(id)""#, #"worker_type="\#(generator.pick(["prefill", "decode"]))""#,
    ]
    if generator.below(4) > 0 { labels.append(#"dp_rank="\#(generator.below(3))""#) }
    if generator.below(2) == 0 { labels.append(#"model="m\#(generator.below(7))""#) }
    if generator.below(3) == 0 { labels.append(#"dynamo_namespace="n\#(generator.below(2))""#) }
    if generator.below(3) == 0 { labels.append(#"pod="p\\\"q\n""#) }
    if generator.below(6) == 0 { labels[0] = #""worker_id"="\#(id)""# }
    labels.shuffle(using: &generator)
    let space = generator.pick(["", "", " ", "\t"])
    let list = labels.joined(separator: "\(space),\(space)") + generator.pick(["", "", ","])
    let tail = generator.pick(["", "", " 1700000000123", " 1700000000.5", #" # {id="x"} 1 2"#])
    let value = generator.pick([
      "\(generator.below(200_000))", "\(Double(generator.below(9_000_000)) / 1e6)", "4.3962e+04",
      "NaN", "+Inf", "-Inf", "-1", "0.023456789012345678", "1e-320", "9007199254740993",
    ])
    return generator.below(8) == 0
      ? "{\"\(gauge.name)\",\(list)} \(value)\(tail)"
      : "\(space)\(gauge.name)\(space){\(space)\(list)} \(value)\(tail)\(space)"
  }

  private static func noise(_ generator: inout SeededRandom) -> String {
    generator.pick([
      "", "   ", "up 1", "process_cpu_seconds_total 5.5 1700000000000",
      #"dynamo_frontend_x_bucket{le="+Inf"} 17 # {trace="a"} 0.5"#, "# UNIT x seconds",
      #"dynamo_frontend_worker_active_decode_blocks_total{worker_id="1"} 3"#,
      #"{"utf8.name",a="b"} NaN"#, "a:b +Inf",
    ])
  }
}
