import Foundation
import TestSupport
import Testing

@testable import Simulation

struct TraceReaderTests {
  private func read(
    _ text: String, _ format: TraceFormat? = nil, rules: TraceRules = TraceRules()
  ) throws -> (trace: RequestTrace, skipped: TraceReader.Skipped) {
    try read(Array(text.utf8), format, rules: rules)
  }

  /// Reads bytes in pieces of `size`.
  private func read(
    _ bytes: [UInt8], _ format: TraceFormat? = nil, rules: TraceRules = TraceRules(),
    size: Int = 1 << 20
  ) throws -> (trace: RequestTrace, skipped: TraceReader.Skipped) {
    var reader = TraceReader(format: format, rules: rules)
    var offset = 0
    while offset < bytes.count {
      try reader.read(Array(bytes[offset..<min(offset + size, bytes.count)]))
      offset += size
    }
    return try reader.finish()
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(try Fixture.data("traces/\(name)"))
  }

  @Test("an Azure trace is recognised and read", arguments: [1, 7, 64, 1 << 20])
  func azure(pieces: Int) throws {
    let trace = try read(fixture("azure_code_excerpt.csv"), size: pieces).trace
    #expect(trace.count == 40)
    #expect(trace.isl.prefix(3) == [4808, 3180, 110])
    #expect(trace.osl.prefix(3) == [10, 8, 27])
    #expect(trace.arrivals[0] == 0)
    #expect((trace.arrivals[1] - 0.052).magnitude < 1e-6)
    #expect((trace.arrivals[12] - 29.479079).magnitude < 1e-3)
  }

  @Test("a Mooncake trace is recognised and read", arguments: [1, 7, 64, 1 << 20])
  func mooncake(pieces: Int) throws {
    let trace = try read(fixture("mooncake_conversation_excerpt.jsonl"), size: pieces).trace
    #expect(trace.count == 30)
    #expect(trace.isl.prefix(4) == [6758, 7322, 7236, 2290])
    #expect(trace.osl.prefix(4) == [500, 490, 794, 316])
    #expect(trace.arrivals.prefix(2) == [0, 0])
  }

  @Test("a compressed trace is the same trace", arguments: [1, 100, 1 << 20])
  func gzip(pieces: Int) async throws {
    for name in ["azure_code_excerpt.csv", "mooncake_conversation_excerpt.jsonl"] {
      let packed = try await gzipped(fixture(name))
      #expect(try read(packed, size: pieces).trace == read(fixture(name)).trace)
      // Two members one after the other, as `cat a.gz b.gz` makes them; the second half of a
      // Mooncake trace needs no header.
      if name.hasSuffix("jsonl") {
        let lines = try String(decoding: fixture(name), as: UTF8.self).split(
          separator: "\n", omittingEmptySubsequences: false)
        let first = Array(lines.prefix(11).joined(separator: "\n").utf8) + [10]
        let second = Array(lines.dropFirst(11).joined(separator: "\n").utf8)
        let both = try await gzipped(first) + gzipped(second)
        #expect(try read(both, size: pieces).trace == read(fixture(name)).trace)
      }
    }
  }

  @Test("a compressed trace that is cut off is an error that says where")
  func gzipCutOff() async throws {
    let packed = try await gzipped(fixture("mooncake_conversation_excerpt.jsonl"))
    for length in [3, packed.count / 2, packed.count - 1] {
      #expect {
        try read(Array(packed.prefix(length)))
      } throws: { error in
        if case TraceError.gzipCutOff(let line) = error { line <= 30 } else { false }
      }
    }
  }

  @Test("a compressed trace that is damaged is an error")
  func gzipDamaged() async throws {
    var packed = try await gzipped(fixture("azure_code_excerpt.csv"))
    packed[packed.count / 2] ^= 0xff
    packed[packed.count / 2 + 1] ^= 0xff
    #expect(throws: TraceError.self) { try read(packed) }
    #expect(throws: TraceError.gzipCutOff(line: 0)) { try read([0x1f, 0x8b]) }
  }

  private func gzipped(_ bytes: [UInt8]) async throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("trace")
    try Data(bytes).write(to: file)
    _ = try await ChildProcess.run("gzip", [file.path])
    return Array(try Data(contentsOf: file.appendingPathExtension("gz")))
  }

  struct Columns: Sendable, CustomTestStringConvertible {
    var text: String
    var unit: TraceTimeUnit
    var arrivals: [Double]
    var testDescription: String { text.split(separator: "\n").last.map(String.init) ?? "" }
  }

  @Test(
    "any CSV is read by its column names",
    arguments: [
      Columns(text: "b,t,a\n7,0.5,9\n7,2,9", unit: .seconds, arrivals: [0, 1.5]),
      Columns(text: "t,a,b\n500,9,7\n2000,9,7\n", unit: .milliseconds, arrivals: [0, 1.5]),
      Columns(
        text: "t,a,b,c\r\n5e8,9,7,x\r\n2e9,9,7,y\r\n", unit: .nanoseconds, arrivals: [0, 1.5]),
      Columns(text: "\u{FEFF}t,a,b\n1,9,7\n\n\n2,9.0,\"7\"\n", unit: .seconds, arrivals: [0, 1]),
      Columns(
        text: "\"t\",\"a\",b\n2024-02-28T23:59:59.75Z,9,7\n2024-02-29 00:00:01+00:00,9,7",
        unit: .seconds, arrivals: [0, 1.25]),
      Columns(
        text: "t,a,b\n2023-12-31T23:30:00-0200,9,7\n2024-01-01T02:00:00+00:00,9,7",
        unit: .microseconds, arrivals: [0, 1800]),
    ])
  func columns(_ given: Columns) throws {
    let trace = try read(
      given.text, .csv(TraceColumns(time: "t", isl: "a", osl: "b", unit: given.unit))
    ).trace
    #expect(trace.isl == [9, 9] && trace.osl == [7, 7])
    for (found, expected) in zip(trace.arrivals, given.arrivals) {
      #expect((found - expected).magnitude < 1e-6)
    }
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    var text: String
    var says: [String]
    var testDescription: String { text.prefix(50).split(separator: "\n").joined(separator: "⏎") }
  }

  private static let good = #"{"timestamp": 0, "input_length": 10, "output_length": 5}"#
  private static let azureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n"

  @Test(
    "a bad trace is an error that names the line and what to do",
    arguments: [
      Bad(text: "", says: ["no request"]),
      Bad(text: "\n\n  \n", says: ["no request"]),
      Bad(text: azureHeader, says: ["no request"]),
      Bad(text: "hello\n", says: ["format", "'hello'", "--format"]),
      Bad(text: "TIMESTAMP,ContextTokens\n", says: ["format"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 10, "outp"#,
        says: ["Line 2", "ends"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 10}"#,
        says: ["Line 2", "output_length"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": "10", "output_length": 1}"#,
        says: ["Line 2", "input_length", "is a string"]),
      Bad(
        text: good + "\n\n" + #"{"timestamp": 1, "input_length": -10, "output_length": 1}"#,
        says: ["Line 3", "'-10'"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 0, "output_length": 1}"#,
        says: ["Line 2", "'0'", "from 1"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 1.5, "output_length": 1}"#,
        says: ["Line 2", "whole number"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 1e300, "output_length": 1}"#,
        says: ["Line 2", "1e300"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1e999, "input_length": 1, "output_length": 1}"#,
        says: ["Line 2", "no time"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 1, "output_length": 1} x"#,
        says: ["Line 2", "follows"]),
      Bad(
        text: good + "\n" + #"{"timestamp": 1, "input_length": 1, "output_length": }"#,
        says: ["Line 2", "missing"]),
      Bad(
        text: good + "\n" + #"{"a": [1, {"b": [}, "timestamp": 1"#,
        says: ["Line 2", "ends too early"]),
      Bad(
        text: good + "\n" + #"{"timestamp": -1, "input_length": 1, "output_length": 1}"#,
        says: ["Line 2", "before", "--sort"]),
      Bad(text: good + "\n[1, 2]", says: ["Line 2", "'{'"]),
      Bad(
        text: azureHeader + "2023-11-16 18:17:03,10,5\n2023-11-16 18:17",
        says: ["Line 3", "input length", "missing"]),
      Bad(
        text: azureHeader + "2023-11-16 18:17:03,10,5\n2023-11-16 18:17:04,10",
        says: ["Line 3", "output length"]),
      Bad(text: azureHeader + "2023-13-16 18:17:03,10,5", says: ["Line 2", "no time"]),
      Bad(text: azureHeader + "2023-02-29 18:17:03,10,5", says: ["Line 2", "no time"]),
      Bad(text: azureHeader + "2023-11-16 18:17:03,ten,5", says: ["Line 2", "'ten'"]),
      Bad(text: azureHeader + "2023-11-16 18:17:03,0x10,5", says: ["Line 2", "'0x10'"]),
      Bad(text: azureHeader + "2023-11-16 18:17:03,\"10,5", says: ["Line 2", "quotation mark"]),
      Bad(
        text: azureHeader + "2023-11-16 18:17:03,10,99999999999", says: ["Line 2", "99999999999"]),
      Bad(
        text: azureHeader + "2023-11-16 18:17:03,10,5\n2023-11-16 18:17:02,10,5",
        says: ["Line 3", "before"]),
      Bad(text: azureHeader + "1000-01-01 00:00:00,10,5\n9000-01-01 00:00:00,10,5", says: ["span"]),
    ])
  func badTraces(_ bad: Bad) {
    do {
      let read = try read(bad.text)
      Issue.record("read \(read.trace.count) requests")
    } catch {
      for word in bad.says { #expect("\(error)".contains(word), "\(error)") }
    }
  }

  @Test("a CSV without a named column lists those it has")
  func missingColumn() {
    let format = TraceFormat.csv(TraceColumns(time: "when", isl: "a", osl: "b"))
    #expect(throws: TraceError.noColumn("when", columns: ["t", "a", "b"])) {
      try read("t,a,b\n1,2,3\n", format)
    }
  }

  @Test("bad lines are left out and counted where that is allowed")
  func skipping() throws {
    let text =
      Self.azureHeader + """
        2023-11-16 18:17:03,10,5
        2023-11-16 18:17:04,-1,5
        2023-11-16 18:17:02,10,5
        nonsense
        2023-11-16 18:17:05,11,6
        2023-11-16 18:1
        """
    let (trace, skipped) = try read(text, rules: TraceRules(skipsBadLines: true))
    #expect(trace.isl == [10, 11])
    #expect(skipped.count == 4)
    #expect(skipped.examples.count == 4)
    #expect(skipped.examples[0].hasPrefix("Line 3 "))
    let example = "\(TraceError.line(2, .badTime("x")))"
    #expect(throws: TraceError.empty(skippedLines: 1, example: example)) {
      try read(Self.azureHeader + "x,1,1\n", rules: TraceRules(skipsBadLines: true))
    }
  }

  @Test("an unsorted trace is sorted where that is asked for, equal arrivals keeping their order")
  func sorting() throws {
    let text = "t,a,b\n5,1,1\n3,2,1\n5,3,1\n1,4,1\n3,5,1"
    let format = TraceFormat.csv(TraceColumns(time: "t", isl: "a", osl: "b"))
    let (trace, skipped) = try read(text, format, rules: TraceRules(sorts: true))
    #expect(trace.isl == [4, 2, 5, 1, 3])
    #expect(trace.arrivals == [0, 2, 2, 4, 4])
    #expect(skipped.count == 0)
  }

  @Test("nesting of any depth is skipped without recursion")
  func deepNesting() throws {
    let depth = 200_000
    let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let line =
      #"{"hash_ids": "# + nest + #", "timestamp": 5, "input_length": 3, "output_length": 2}"#
    #expect(try read(line).trace.isl == [3])
  }

  @Test(
    "decimal numbers are read as the standard library reads them",
    arguments: [
      "0", "-0.0", "12", "+7", "0.1", "123456789012345", "0.000001", "1e5", "1.25E-3",
      "99999999999999999999", "3.141592653589793238", "1700158623.9799600",
    ])
  func numbers(text: String) {
    #expect(DecimalNumber.value(Array(text.utf8)[...]) == Double(text))
  }

  @Test(
    "what is no decimal number is none",
    arguments: ["", " ", "-", ".", "e5", "1e", "1e5x", "nan", "inf", "0x10", "1 2", "1,5", "--1"])
  func noNumbers(text: String) {
    #expect(DecimalNumber.value(Array(text.utf8)[...]) == nil)
  }
}
