import Testing

@testable import MetricSources

@Suite("The text exposition format of a router page")
struct RouterPageFormatTests {
  private static let blocks = "dynamo_frontend_worker_active_decode_blocks"

  private func parse(_ text: String) throws -> RouterPage { try RouterPage.parse(Array(text.utf8)) }

  @Test(
    "is read in all its spellings",
    arguments: [
      #"NAME{worker_id="1",worker_type="decode"} 5"#,
      #"NAME{worker_id="1",worker_type="decode"} 5 1700000000123"#,
      #"NAME{worker_id="1",worker_type="decode"} 5 1700000000.123"#,
      #"NAME{worker_id="1",worker_type="decode"} 5 # {trace_id="a b"} 1.0 1700000000"#,
      #"NAME{worker_id="1",worker_type="decode"} 5 17 # {trace_id="x"} 1.0"#,
      #"NAME{ worker_id = "1" , worker_type = "decode" , } 5.0e0  "#,
      #"  NAME  {worker_type="decode",other="}{",worker_id="1"}"# + "\t+5\r",
      #"{"NAME",worker_id="1",worker_type="decode"} 5"#,
      #"{ "NAME" , "worker_id"="1","worker_type"="decode"} 5"#,
      "\u{feff}" + #"NAME{worker_id="1",worker_type="decode"} 5"#,
      #"NAME{worker_id="1",worker_type="decode"}5"#,
    ])
  func spellings(_ line: String) throws {
    let text = line.replacing("NAME", with: Self.blocks)
    for page in [text, text + "\n", text + "\r\n# EOF\r\n", text + "\n\n \n# x"] {
      let parsed = try parse(page)
      #expect(parsed.series.count == 1)
      #expect(parsed.series.first?.workerID == "1")
      #expect(parsed.series.first?.workerType == "decode")
      #expect(parsed.series.first?.activeDecodeBlocks == 5)
      #expect(parsed.malformedLines.count == 0)
    }
  }

  @Test(
    "unescapes label values",
    arguments: [
      (#"a\"b"#, "a\"b"), (#"c\\d"#, #"c\d"#), (#"e\nf"#, "e\nf"), (#"g\th"#, #"g\th"#),
      (#"\\n"#, #"\n"#), (#"\\\""#, #"\""#), ("é漢", "é漢"), ("x}y,z=1 #{", "x}y,z=1 #{"),
    ])
  func escapes(_ written: String, _ meant: String) throws {
    let page = try parse("\(Self.blocks){worker_id=\"\(written)\",worker_type=\"decode\"} 1")
    #expect(page.series.map(\.workerID) == [meant])
  }

  @Test("tells the five gauges apart, and nothing else") func gauges() throws {
    let labels = #"{worker_id="1",worker_type="decode"}"#
    let lines = RouterGauge.allCases.map { "\($0.name)\(labels) \($0.rawValue)" }
    let others = RouterGauge.allCases.flatMap { gauge in
      ["_total", "_bucket", "_sum", "_count", "x", ":", "1"].map { "\(gauge.name)\($0)\(labels) 9" }
    }
    let shortened = (1..<60).flatMap { count in
      RouterGauge.allCases.filter { $0.name.count > count }
        .map { "\($0.name.prefix(count))\(labels) 9" }
    }
    let page = try parse((others + lines + shortened).joined(separator: "\n"))
    #expect(page.sampleCount == 5 + others.count + shortened.count)
    #expect(page.series.count == 1)
    let series = try #require(page.series.first)
    #expect(series.activePrefillTokens == 0)
    #expect(series.activeDecodeBlocks == 1)
    #expect(series.lastTTFTSeconds == 2)
    #expect(series.lastISL == 3)
    #expect(series.lastITLSeconds == 4)
    #expect(series.firstLine == others.count + 1)
  }

  @Test(
    "counts malformed lines and names the first, without losing the others",
    arguments: [
      "NAME", "NAME 1 2 3", "NAME{", "NAME{}", "NAME{} x", "NAME{worker_id=\"1\" 5",
      "NAME{worker_id=1} 5", "NAME{worker_id=\"1} 5", "NAME{worker_id=\"1\\\"} 5",
      "NAME{worker_id=\"1\",worker_id=\"2\"} 5", "NAME{,} 5", "NAME{=\"1\"} 5", "NAME{a} 5",
      "NAME{a=\"b\"c=\"d\"} 5", "NAME{\"a\"} 5", "NAME{a=\"b\"} 0x10", "NAME{a=\"b\"} 1,5",
      "NAME{a=\"b\"} 5 later", "NAME{a=\"b\"} 5 6 7", "NAME{a=\"b\"} # {} 5", "!!! garbage here",
      "9lives 9", "other{a=\"b\"} five.", "other five", "other", "{", "{\"NAME\"", "{\"NAME\"} ",
      "{\"x\":1}", "{NAME} 5", "}", "\"quoted\" 5", "\u{0}\u{1}\u{2}", "é 5",
    ])
  func malformed(_ line: String) throws {
    let good = "\(Self.blocks){worker_id=\"1\",worker_type=\"decode\"} 5"
    let page = try parse(
      "# first\n\(line.replacing("NAME", with: Self.blocks))\n\(good)\n\(Self.blocks)x 1\n")
    if line == "other{a=\"b\"} five." {
      // With labels only the end of an unwanted line is looked at.
      #expect(page.malformedLines.count == 0)
      return
    }
    #expect(page.malformedLines.count == 1)
    #expect(page.malformedLines.examples.map(\.line) == [2])
    #expect(page.malformedLines.summary?.contains("line 2") == true)
    #expect(page.series.map(\.activeDecodeBlocks) == [5])
    #expect(page.sampleCount == 2)
  }

  @Test("names at most three malformed lines, shortened and printable") func manyMalformed() throws
  {
    let bad = "!\u{1b}[31m" + String(repeating: "x", count: 500)
    let page = try parse("up 1\n" + String(repeating: bad + "\n", count: 1000))
    #expect(page.malformedLines.count == 1000)
    #expect(page.malformedLines.examples.count == 3)
    let summary = try #require(page.malformedLines.summary)
    #expect(summary.hasPrefix("1000 lines of the page could not be read, the first: line 2 '!"))
    #expect(summary.count < 400)
    #expect(!summary.unicodeScalars.contains { $0.value < 32 })
  }

  @Test(
    "is not that of another page, which is said",
    arguments: [
      ("<html><body>503 Service Unavailable</body></html>", "HTML"),
      ("<!DOCTYPE html>\n<style>\nmargin: 0\nwidth 5\n</style>", "HTML"),
      ("\u{feff}  <?xml version=\"1.0\"?>", "XML"), ("{\"error\":\"x\"}", "JSON"),
      ("{\n  \"status\": 500\n}", "JSON"), ("[1, 2]", "JSON"),
      ("Internal Server Error", "Internal Server Error"), ("404 page not found\n", "404 page"),
      ("no healthy upstream", "no healthy"), ("\u{1f}\u{8b}\u{8}", "'"),
      ("upstream connect error or disconnect/reset before headers. reset reason: 111", "upstream"),
    ])
  func otherPages(_ text: String, _ named: String) {
    let error = #expect(throws: MetricSourceError.self) { try parse(text) }
    #expect(error?.description.contains(named) == true)
    #expect(error?.description.contains("not a metrics page") == true)
  }

  @Test(
    "may have nothing in it", arguments: ["", "\n", "  \n\n\t\n", "# hello\n# EOF\n", "up 1\n"])
  func emptyPages(_ text: String) throws {
    let page = try parse(text)
    #expect(page.series.isEmpty)
    #expect(page.malformedLines.count == 0)
  }

  @Test("keeps tens of thousands of workers, models and namespaces apart") func manySeries() throws
  {
    var lines: [String] = []
    for gauge in RouterGauge.allCases {
      for worker in 0..<5_000 {
        lines.append(
          "\(gauge.name){worker_id=\"\(worker)\",dp_rank=\"\(worker % 3)\",worker_type=\"decode\""
            + ",model=\"m\(worker % 700)\",dynamo_namespace=\"n\(worker % 11)\"} \(worker)")
      }
    }
    let page = try parse(lines.joined(separator: "\n"))
    #expect(page.series.count == 5_000)
    for (worker, series) in page.series.enumerated() {
      #expect(series.workerID == "\(worker)" && series.model == "m\(worker % 700)")
      #expect(series.dynamoNamespace == "n\(worker % 11)" && series.rank == "\(worker % 3)")
      #expect(series.lastISL == Double(worker) && series.lastTTFTSeconds == Double(worker))
    }
  }
}
