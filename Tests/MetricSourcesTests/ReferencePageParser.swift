import Foundation

@testable import MetricSources

/// A slow and simple parser of the same format, written against its description and not against
/// the fast one: it splits, copies, and looks up in dictionaries.
struct ReferencePageParser {
  struct Key: Hashable {
    var workerID, rank, workerType, model, namespace: [UInt8]
  }

  var gauges: [Key: [String: Double]] = [:]
  var sampleCount = 0
  var malformedLines: [Int] = []

  init(_ page: [UInt8]) {
    let text = page.starts(with: [0xef, 0xbb, 0xbf]) ? Array(page.dropFirst(3)) : page
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      read(Self.trimmed(Array(line)), number + 1)
    }
  }

  private static let names: Set<String> = [
    "dynamo_frontend_worker_active_prefill_tokens", "dynamo_frontend_worker_active_decode_blocks",
    "dynamo_frontend_worker_last_time_to_first_token_seconds",
    "dynamo_frontend_worker_last_input_sequence_tokens",
    "dynamo_frontend_worker_last_inter_token_latency_seconds",
  ]

  private mutating func read(_ line: [UInt8], _ number: Int) {
    guard let first = line.first, first != UInt8(ascii: "#") else { return }
    guard let sample = Self.sample(line) else {
      malformedLines.append(number)
      return
    }
    sampleCount += 1
    guard case .gauge(let name, let labels, let value) = sample else { return }
    let key = Key(
      workerID: labels["worker_id"] ?? [], rank: labels["dp_rank"] ?? [],
      workerType: labels["worker_type"] ?? [], model: labels["model"] ?? [],
      namespace: labels["dynamo_namespace"] ?? [])
    gauges[key, default: [:]][name] = value
  }

  private enum Sample {
    case gauge(String, [String: [UInt8]], Double)
    case other
  }

  private static func sample(_ line: [UInt8]) -> Sample? {
    var rest = line[...]
    var name: [UInt8] = []
    if rest.first == UInt8(ascii: "{") {
      rest = skipBlanks(rest.dropFirst())
      guard let (quoted, after) = quoted(rest) else { return nil }
      rest = skipBlanks(after)
      guard let next = rest.first, next == UInt8(ascii: ",") || next == UInt8(ascii: "}") else {
        return nil
      }
      name = quoted
      guard names.contains(text(name)) else { return endsLikeNumber(line) ? .other : nil }
      rest = next == UInt8(ascii: ",") ? rest.dropFirst() : rest
      guard let (labels, after) = labels(rest), let value = value(after) else { return nil }
      return .gauge(text(name), labels, value)
    }
    name = Array(rest.prefix { isNameByte($0) })
    guard let first = name.first, !(48...57).contains(first) else { return nil }
    rest = rest.dropFirst(name.count)
    let isSeparated = rest.first.map(isBlank) ?? false
    rest = skipBlanks(rest)
    let hasLabels = rest.first == UInt8(ascii: "{")
    guard names.contains(text(name)) else {
      if hasLabels { return endsLikeNumber(line) ? .other : nil }
      return isSeparated && value(rest) != nil ? .other : nil
    }
    guard hasLabels else { return value(rest).map { .gauge(text(name), [:], $0) } }
    guard let (labels, after) = labels(rest.dropFirst()), let value = value(after) else {
      return nil
    }
    return .gauge(text(name), labels, value)
  }

  private static func labels(_ bytes: ArraySlice<UInt8>)
    -> ([String: [UInt8]], ArraySlice<UInt8>)?
  {
    let ours: Set<String> = ["worker_id", "dp_rank", "worker_type", "model", "dynamo_namespace"]
    var labels: [String: [UInt8]] = [:]
    var rest = bytes
    while true {
      rest = skipBlanks(rest)
      if rest.first == UInt8(ascii: "}") { return (labels, rest.dropFirst()) }
      var name: [UInt8]
      if let (quoted, after) = quoted(rest, raw: true) {
        (name, rest) = (quoted, after)
      } else {
        name = Array(rest.prefix { isNameByte($0) })
        rest = rest.dropFirst(name.count)
      }
      rest = skipBlanks(rest)
      guard !name.isEmpty, rest.first == UInt8(ascii: "=") else { return nil }
      guard let (value, after) = quoted(skipBlanks(rest.dropFirst())) else { return nil }
      if ours.contains(text(name)), labels.updateValue(value, forKey: text(name)) != nil {
        return nil
      }
      rest = skipBlanks(after)
      guard let next = rest.first else { return nil }
      if next == UInt8(ascii: ",") {
        rest = rest.dropFirst()
      } else if next != UInt8(ascii: "}") {
        return nil
      }
    }
  }

  private static func value(_ bytes: ArraySlice<UInt8>) -> Double? {
    var tokens: [ArraySlice<UInt8>] = []
    for token in bytes.split(whereSeparator: isBlank) {
      if token.first == UInt8(ascii: "#"), !tokens.isEmpty { break }
      tokens.append(token)
    }
    guard (1...2).contains(tokens.count), let value = number(tokens[0]) else { return nil }
    return tokens.count == 1 || number(tokens[1]) != nil ? value : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Double? {
    let word = text(Array(bytes))
    let finite = #/[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/#
    let other = #/[+-]?(inf|infinity|nan)/#.ignoresCase()
    guard word.wholeMatch(of: finite) != nil || word.wholeMatch(of: other) != nil else {
      return nil
    }
    return strtod(word, nil)
  }

  private static func quoted(_ bytes: ArraySlice<UInt8>, raw: Bool = false)
    -> ([UInt8], ArraySlice<UInt8>)?
  {
    guard bytes.first == UInt8(ascii: "\"") else { return nil }
    var value: [UInt8] = []
    var rest = bytes.dropFirst()
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return (value, rest) }
      guard byte == UInt8(ascii: "\\") else {
        value.append(byte)
        continue
      }
      guard let escaped = rest.popFirst() else { return nil }
      switch escaped {
      case _ where raw: value += [byte, escaped]
      case UInt8(ascii: "n"): value.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): value.append(escaped)
      default: value += [byte, escaped]
      }
    }
    return nil
  }

  private static func endsLikeNumber(_ line: [UInt8]) -> Bool {
    line.last.map { Array("0123456789.nNfFyY".utf8).contains($0) } ?? false
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte < 128
      && (Character(UnicodeScalar(byte)).isLetter || (48...58).contains(byte) || byte == 95)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [9, 13, 32].contains(byte) }

  private static func skipBlanks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes.drop(while: isBlank)
  }

  private static func trimmed(_ line: [UInt8]) -> [UInt8] {
    var line = line.drop(while: isBlank)
    while let last = line.last, isBlank(last) { line.removeLast() }
    return Array(line)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension RouterPage {
  /// The page in the reference parser's form.
  var asReference: [ReferencePageParser.Key: [String: Double]] {
    var gauges: [ReferencePageParser.Key: [String: Double]] = [:]
    for series in series {
      let key = ReferencePageParser.Key(
        workerID: Array(series.workerID.utf8), rank: Array(series.rank.utf8),
        workerType: Array(series.workerType.utf8), model: Array((series.model ?? "").utf8),
        namespace: Array((series.dynamoNamespace ?? "").utf8))
      let values: [(RouterGauge, Double?)] = [
        (.activePrefillTokens, series.activePrefillTokens),
        (.activeDecodeBlocks, series.activeDecodeBlocks),
        (.lastTTFTSeconds, series.lastTTFTSeconds), (.lastISL, series.lastISL),
        (.lastITLSeconds, series.lastITLSeconds),
      ]
      for (gauge, value) in values {
        if let value { gauges[key, default: [:]][gauge.name] = value }
      }
    }
    return gauges
  }
}
