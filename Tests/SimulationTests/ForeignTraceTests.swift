import Simulation
import Testing

/// Traces as people have them that are no trace as it should be: each is named for what it is.
@Suite struct ForeignTraceTests {
  private func error(_ bytes: [UInt8], _ rules: TraceRules = TraceRules()) -> String {
    do {
      for size in [1, bytes.count] {
        var reader = TraceReader(rules: rules)
        for start in stride(from: 0, to: bytes.count, by: size) {
          try reader.read(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        let (trace, _) = try reader.finish()
        Issue.record("read \(trace.count) requests")
      }
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "compressed and binary files are named, with what makes a trace of them",
    arguments: [
      ([0x28, 0xb5, 0x2f, 0xfd], "zstd -dc"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz -dc"),
      ([0x42, 0x5a, 0x68, 0x39], "bzip2 -dc"), ([0x50, 0x4b, 3, 4], "ZIP"),
      ([0x50, 0x41, 0x52, 0x31], "Parquet"),
    ])
  func binary(magic: [UInt8], says: String) {
    #expect(error(magic + [UInt8](1...60)).contains(says))
  }

  @Test("UTF-16 and UTF-32 are named, with and without a mark")
  func wideCharacters() {
    let text = Array("TIMESTAMP,ContextTokens,GeneratedTokens\n".utf16)
    let little = text.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let big = text.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    for bytes in [[0xff, 0xfe] + little, [0xfe, 0xff] + big, little, big] {
      #expect(error(bytes).contains("UTF-16") && error(bytes).contains("iconv"))
    }
    #expect(error([0xff, 0xfe, 0, 0, 0x54, 0, 0, 0]).contains("UTF-32"))
  }

  @Test("a JSON array and numbers in quotation marks are named")
  func json() {
    let row = #"{"timestamp": 0, "input_length": 10, "output_length": 5}"#
    #expect(error(Array("[\(row), \(row)]".utf8)).contains("one JSON array"))
    let quoted = #"{"timestamp": "100", "input_length": 10, "output_length": 5}"#
    #expect(error(Array(quoted.utf8)).contains("'timestamp' is a string ('100')"))
    let skipping = error(Array(quoted.utf8), TraceRules(skipsBadLines: true))
    #expect(skipping.contains("holds no request") && skipping.contains("is a string"))
  }

  @Test(
    "a time too large for seconds is told with its unit, and read when that is given",
    arguments: [
      ("1715299200000", "1715299201000", TraceTimeUnit.milliseconds),
      ("1715299200000000", "1715299201000000", .microseconds),
      ("1715299200000000000", "1715299201000000000", .nanoseconds),
    ])
  func epoch(first: String, second: String, unit: TraceTimeUnit) throws {
    let text = "TIMESTAMP,ContextTokens,GeneratedTokens\n\(first),100,10\n\(second),100,10\n"
    #expect(error(Array(text.utf8)).contains("--time-unit \(unit.rawValue)"))
    var reader = TraceReader(rules: TraceRules(timeUnit: unit))
    try reader.read(Array(text.utf8))
    #expect(try reader.finish().trace.arrivals == [0, 1])
  }

  @Test("seconds under Mooncake's keys are told, and either unit is read when it is given")
  func mooncakeInSeconds() throws {
    // Twelve minutes at two requests a second.
    let text = (0..<1440).map {
      #"{"timestamp": \#(Double($0) / 2), "input_length": 10, "output_length": 5}"#
    }.joined(separator: "\n")
    let said = error(Array(text.utf8))
    #expect(said.contains("over in 0.7 s") && said.contains("probably count seconds"), "\(said)")
    for (unit, seconds) in [(TraceTimeUnit.seconds, 719.5), (.milliseconds, 0.7195)] {
      var reader = TraceReader(rules: TraceRules(timeUnit: unit))
      try reader.read(Array(text.utf8))
      #expect(try reader.finish().trace.duration == seconds)
    }
  }
}
