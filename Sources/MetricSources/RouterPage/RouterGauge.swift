/// The five gauges a router shows of each worker.
enum RouterGauge: Int, CaseIterable {
  case activePrefillTokens
  case activeDecodeBlocks
  case lastTTFTSeconds
  case lastISL
  case lastITLSeconds

  /// What all five names begin with.
  static let prefix: StaticString = "dynamo_frontend_worker_"

  /// The metric's full name.
  var name: String { "\(Self.prefix)\(suffix)" }

  /// What follows ``prefix`` in the name.
  var suffix: StaticString {
    switch self {
    case .activePrefillTokens: "active_prefill_tokens"
    case .activeDecodeBlocks: "active_decode_blocks"
    case .lastTTFTSeconds: "last_time_to_first_token_seconds"
    case .lastISL: "last_input_sequence_tokens"
    case .lastITLSeconds: "last_inter_token_latency_seconds"
    }
  }

  /// Bytes of the full name.
  @inline(__always)
  var nameCount: Int { Self.prefix.utf8CodeUnitCount + suffix.utf8CodeUnitCount }

  /// The gauge whose whole name stands at `text`, of which `count` bytes may be read.
  @inline(__always)
  init?(nameAt text: UnsafePointer<UInt8>, _ count: Int) {
    let prefixCount = Self.prefix.utf8CodeUnitCount
    guard count > prefixCount + 7, bytesAreEqual(text, Self.prefix.utf8Start, prefixCount) else {
      return nil
    }
    // The eighth byte after the prefix tells the five apart: active_(p|d), last_ti(m)e,
    // last_in(p)ut, last_in(t)er.
    let rest = text + prefixCount
    let candidate: RouterGauge
    switch (rest[0] == Ascii.a, rest[7]) {
    case (true, UInt8(ascii: "p")): candidate = .activePrefillTokens
    case (true, UInt8(ascii: "d")): candidate = .activeDecodeBlocks
    case (false, UInt8(ascii: "m")): candidate = .lastTTFTSeconds
    case (false, UInt8(ascii: "p")): candidate = .lastISL
    case (false, UInt8(ascii: "t")): candidate = .lastITLSeconds
    default: return nil
    }
    let nameCount = candidate.nameCount
    guard count >= nameCount,
      bytesAreEqual(rest, candidate.suffix.utf8Start, candidate.suffix.utf8CodeUnitCount),
      count == nameCount || !Ascii.continuesName(text[nameCount])
    else { return nil }
    self = candidate
  }
}
