import Planning

/// The reason codes that say something, those that decided first; the others stand in the JSON.
struct ReasonWords {
  /// The codes, at most two.
  let codes: [String]

  init(_ reasons: DecisionReasons) {
    self.init(
      rules: [reasons.throughput.rawValue, reasons.load.rawValue],
      limits: [
        reasons.control?.rawValue, reasons.budget == .limited ? "budget" : nil,
        reasons.damping?.rawValue,
      ].compactMap { $0 })
  }

  /// - Parameters:
  ///   - rules: what throughput and load say.
  ///   - limits: what had the last word.
  init(rules: [String], limits: [String]) {
    let told = rules.filter { !["disabled", "no-change", "unreadable"].contains($0) }
    var codes: [String] = []
    for code in limits + told where !codes.contains(code) { codes.append(code) }
    if codes.isEmpty { codes = [rules.contains("unreadable") ? "unreadable" : "no-change"] }
    self.codes = Array(codes.prefix(2))
  }

  /// The codes in one cell.
  var text: String { codes.joined(separator: ", ") }
}
