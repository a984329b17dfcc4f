import Presentation

/// A value of one of the kinds.
enum ParsedValue: Sendable, Equatable {
  case text(String)
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case list([String])
  /// Replicas of prefill and decode; empty for `current`.
  case counts([Int])
}

extension ValueKind {
  /// Reads `text` (without surrounding blanks); nil when it is not of this kind.
  func parse(_ text: String) -> ParsedValue? {
    if self == .windows { return windows(text).map { .list($0) } }
    if isRepeatable { return pairs(text).map { .list($0) } }
    guard !text.isEmpty, !text.unicodeScalars.contains(where: isControl) else { return nil }
    switch self {
    case .text: return .text(text)
    case .metricsFile: return text.hasSuffix(".prom") ? .text(text) : nil
    case .kubernetesName: return isKubernetesName(text) ? .text(text) : nil
    case .workload:
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let isUsable =
        parts.count == 2 && isKubernetesName(parts[0].lowercased()) && isKubernetesName(parts[1])
      return isUsable ? .text(text) : nil
    case .boolean: return boolean(text).map { .boolean($0) }
    case .choice(let words, _):
      return words.contains(text.lowercased()) ? .text(text.lowercased()) : nil
    case .integer(let range):
      return integer(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .number(let range):
      return Double(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .positive(let limit):
      return Double(text).flatMap { $0 > 0 && $0 <= limit ? .number($0) : nil }
    case .share: return Double(text).flatMap { $0 > 0 && $0 < 1 ? .number($0) : nil }
    case .duration(let limit):
      return Double(text.hasSuffix("s") ? String(text.dropLast()) : text)
        .flatMap { $0 > 0 && $0 <= limit ? .number($0) : nil }
    case .repetition(let limit):
      return text.lowercased() == "forever"
        ? .number(.infinity) : ValueKind.duration(through: limit).parse(text)
    case .address: return HTTPAddress.isUsable(text) ? .text(text) : nil
    case .addresses:
      let parts = text.split(separator: ",").map { String($0).trimmed }
      let isUsable = !parts.isEmpty && parts.allSatisfy { HTTPAddress.isUsable($0) }
      return isUsable ? .text(parts.joined(separator: ",")) : nil
    case .addressList: return addresses(text).map { .list($0) }
    case .instant: return Instant.unixSeconds(text).map { .number($0) }
    case .replicaCounts: return replicaCounts(text).map { .counts($0) }
    case .pairs, .windows: return nil
    }
  }

  private func windows(_ text: String) -> [String]? {
    let lines = text.split(separator: "\n").map { String($0).trimmed }
    let isUsable = lines.allSatisfy { (try? CalendarEntry($0)) != nil }
    return !lines.isEmpty && isUsable ? lines : nil
  }

  private func pairs(_ text: String) -> [String]? {
    let lines = text.split(separator: "\n").map { String($0).trimmed }
    let isUsable = lines.allSatisfy { line in
      !line.hasPrefix("=") && line.contains("=") && !line.unicodeScalars.contains(where: isControl)
    }
    return !lines.isEmpty && isUsable ? lines : nil
  }

  /// A text with line breaks or NUL would end early, or become a second header, further on.
  private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || scalar.value == 0x7F
  }

  private func boolean(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: nil
    }
  }

  /// Also takes `180.0`, as some JSON writers spell 180.
  private func integer(_ text: String) -> Int? {
    Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
  }

  private func addresses(_ text: String) -> [String]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: true)
      .map { String($0).trimmed }.filter { !$0.isEmpty }
      .map { $0.contains("://") ? $0 : "http://" + $0 }
    let isUsable = parts.allSatisfy { HTTPAddress.isUsable($0) }
    return !parts.isEmpty && isUsable ? parts : nil
  }

  private func replicaCounts(_ text: String) -> [Int]? {
    if text.lowercased() == "current" { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { Int(String($0).trimmed) }
    guard parts.count == 2, let prefill = parts[0], let decode = parts[1] else { return nil }
    return (0...1_000_000).contains(prefill) && (0...1_000_000).contains(decode)
      ? [prefill, decode] : nil
  }

  /// RFC 1123 subdomain, as the names of custom resources are.
  private func isKubernetesName(_ text: String) -> Bool {
    guard text.utf8.count <= 253 else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.utf8.first, let last = part.utf8.last else { return false }
      return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
        && part.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
  }

  private func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension String {
  /// The text without blanks around it.
  var trimmed: String {
    var part = self[...]
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return String(part)
  }
}
