import EngineProfiles
import Testing

/// What is said about the data of a profile.
@Suite struct ProfileChecksTests {
  @Test(
    "odd prefill points are named and the rest is used",
    arguments: [
      PrefillCase([100, 200, 300, 400], [1, 2, 3, 4], [10, 10, 10, 10], []),
      PrefillCase(
        [100, 300, 200, 400], [1, 3, 2, 4], [10, 10, 10, 10],
        ["The prefill points are not sorted (ISL 200 follows 300); they are used in order of ISL."]),
      PrefillCase(
        [100, 200, 200, 300, 400], [1, 2, 4, 5, 6], [10, 10, 12, 10, 10],
        [
          "ISL 200 was profiled 2 times; the mean is used.",
          "GPU time per prompt falls with ISL",
        ], first: false),
      PrefillCase(
        [100, 200, .nan, -5, 0, 300, 400], [1, 2, 3, 3, 3, 4, 5], [10, 10, 10, 10, 10, 10, 10],
        [
          "Prefill point 3 (ISL nan, TTFT 3 ms, 10 tokens/s/GPU) is left out: "
            + "every value must be a positive number.",
          "Prefill point 4 (ISL -5", "Prefill point 5 (ISL 0",
        ]),
      PrefillCase(
        [100, 200, 300, 400, 500], [1, .infinity, 3, 4, 5], [10, 10, -1, 10, 0],
        [
          "Prefill point 2", "Prefill point 3", "Prefill point 5",
          "Only 2 prefill points: a cubic needs 4, so they are joined by straight lines.",
        ]),
      PrefillCase(
        [700], [1], [10],
        ["Only one prefill point (ISL 700): every prompt length is answered with it."]),
      PrefillCase(
        [100, 200, 300, 400], [1, 2, 3, 4], [10, 10, 30, 20],
        [
          "GPU time per prompt falls with ISL: 20 s at ISL 200, but 10 s at ISL 300. "
            + "Measure these points again."
        ]),
    ])
  func namesOddPrefillPoints(_ check: PrefillCase) throws {
    let curve = try PrefillCurve(
      isl: check.isl, ttftMilliseconds: check.ttft, throughputPerGPU: check.throughput)
    if check.isComplete { #expect(curve.warnings.count == check.warnings.count) }
    for (warning, expected) in zip(curve.warnings, check.warnings) {
      #expect(warning.hasPrefix(expected))
    }
    #expect(curve.ttftMilliseconds(isl: 250) > 0)
  }

  @Test("the measured profiles are clean but for the points that are known to be odd")
  func measuredProfiles() throws {
    for profile in TestProfile.all {
      let prefill = try profile.prefill().warnings
      switch profile.name {
      case "h100_llama70b_tp8":
        #expect(prefill.count == 1)
        #expect(prefill.first?.contains("3.986 s at ISL 6205, but 2.568 s at ISL 8240") == true)
      default: #expect(prefill.isEmpty, "\(profile.name)")
      }
      let decode = try profile.decode().warnings
      if profile.name.hasPrefix("h100") {
        #expect(decode.count == 1)
        #expect(decode.first?.hasPrefix("Context length 114597 was profiled at one load") == true)
      } else if profile.name.contains("scattered") {
        #expect(decode.count == 1)
      } else {
        #expect(decode.isEmpty, "\(profile.name)")
      }
    }
  }

  @Test(
    "odd decode points are named and the rest is used",
    arguments: [
      DecodeCase([0.1, 0.5, 0.1, 0.5], [1e3, 1e3, 2e3, 2e3], [5, 9, 5, 8], [9, 20, 5, 10], []),
      DecodeCase(
        [0.1, .nan, -0.5, 0.1, 0.5], [1e3, 1e3, 1e3, 2e3, 2e3], [5, 9, 9, 5, 8], [9, 9, 9, 5, 10],
        [
          "Decode point 2 (KV usage nan, context 1000, ITL 9 ms, 9 tokens/s/GPU) is left out",
          "Decode point 3", "Context length 1000 was profiled at one load only",
        ]),
      DecodeCase(
        [0.1, 0.5, 0.5, 0.1, 0.5], [1e3, 1e3, 1e3, 2e3, 2e3], [5, 9, 11, 5, 8], [9, 20, 22, 5, 10],
        ["KV usage 0.5 at context 1000 was profiled 2 times; the mean is used."]),
      DecodeCase(
        [0.1, 1.5, 0.1, 0.5], [1e3, 1e3, 2e3, 2e3], [5, 9, 5, 8], [9, 20, 5, 10],
        [
          "Decode point 2 (KV usage 1.5, context 1000, ITL 9 ms, 20 tokens/s/GPU) claims more "
            + "than the whole KV cache (10000 tokens); no load above 100 % is planned for."
        ]),
      DecodeCase(
        [0.1, 0.5, 0.1, 0.5], [1e3, 1e3, 2e3, 2e3], [5, 9, 5, 8], [9, 20_000, 5, 10],
        [
          "Decode point 2 (KV usage 0.5, context 1000, ITL 9 ms, 20000 tokens/s/GPU) has a "
            + "throughput 36 times concurrency / ITL"
        ]),
      DecodeCase(
        [0.1, 0.5], [1e3, 1e3], [5, 9], [9, 20],
        ["Only one context length was profiled (1000): what other lengths cost is not known."]),
      DecodeCase(
        [0.1, 0.5, 0.2], [1e3, 1e5, 1e4], [5, 9, 7], [9, 0.02, 1],
        ["Most context lengths were profiled at one load only"]),
    ])
  func namesOddDecodePoints(_ check: DecodeCase) throws {
    let surface = try DecodeSurface(
      kvUsage: check.usage, contextLength: check.context, itlMilliseconds: check.itl,
      throughputPerGPU: check.throughput, maximumKVTokens: 10_000)
    #expect(surface.warnings.count == check.warnings.count)
    for (warning, expected) in zip(surface.warnings, check.warnings) {
      #expect(warning.hasPrefix(expected))
    }
    let point = surface.bestThroughput(itlMilliseconds: 7, contextLength: 1500)
    #expect(point.throughputPerGPU > 0)
  }

  @Test("a flood of warnings is cut short, and says so")
  func abridges() throws {
    let values = (0..<500).map { $0 < 5 ? Double($0 + 1) : -1 }
    let curve = try PrefillCurve(
      isl: values, ttftMilliseconds: values, throughputPerGPU: values.map { _ in 10 })
    #expect(curve.points.count == 5)
    #expect(curve.warnings.count == 21)
    #expect(curve.warnings.last == "There are 475 more warnings like these.")
  }

  @Test("what can't be used at all is an error that says why")
  func refuses() {
    #expect(throws: ProfileError.noUsablePoints(kind: "prefill", refused: [])) {
      try PrefillCurve(isl: [], ttftMilliseconds: [], throughputPerGPU: [])
    }
    #expect {
      try PrefillCurve(isl: [1, 2], ttftMilliseconds: [1], throughputPerGPU: [1, 2])
    } throws: { error in
      "\(error)".hasPrefix(
        "The arrays differ in length (prefill_isl 2, prefill_ttft 1, prefill_thpt_per_gpu 2).")
    }
    #expect {
      try PrefillCurve(isl: [0], ttftMilliseconds: [1], throughputPerGPU: [1])
    } throws: { error in
      "\(error)".hasPrefix("No usable prefill point is left.")
    }
    for tokens in [0, -1, .nan, .infinity] as [Double] {
      #expect {
        try DecodeSurface(
          kvUsage: [0.1], contextLength: [1], itlMilliseconds: [1], throughputPerGPU: [1],
          maximumKVTokens: tokens)
      } throws: { error in
        "\(error)".hasPrefix("max_kv_tokens is ")
      }
    }
    #expect(throws: ProfileError.noUsablePoints(kind: "decode", refused: [])) {
      try DecodeSurface(
        kvUsage: [], contextLength: [], itlMilliseconds: [], throughputPerGPU: [],
        maximumKVTokens: 1)
    }
    #expect(throws: ProfileError.self) {
      try DecodeSurface(
        kvUsage: [0.1], contextLength: [], itlMilliseconds: [1], throughputPerGPU: [1],
        maximumKVTokens: 1)
    }
  }
}

struct PrefillCase: Sendable, CustomTestStringConvertible {
  var isl, ttft, throughput: [Double]
  var warnings: [String]
  /// Whether `warnings` are all there are.
  var isComplete: Bool

  init(
    _ isl: [Double], _ ttft: [Double], _ throughput: [Double], _ warnings: [String],
    first isComplete: Bool = true
  ) {
    self.isl = isl
    self.ttft = ttft
    self.throughput = throughput
    self.warnings = warnings
    self.isComplete = isComplete
  }

  var testDescription: String { warnings.first ?? "nothing odd" }
}

struct DecodeCase: Sendable, CustomTestStringConvertible {
  var usage, context, itl, throughput: [Double]
  var warnings: [String]

  init(
    _ usage: [Double], _ context: [Double], _ itl: [Double], _ throughput: [Double],
    _ warnings: [String]
  ) {
    self.usage = usage
    self.context = context
    self.itl = itl
    self.throughput = throughput
    self.warnings = warnings
  }

  var testDescription: String { warnings.first ?? "nothing odd" }
}
