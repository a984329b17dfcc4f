import Presentation

extension EngineProfile {
  /// Why what the profile says can't be right, each a sentence with what was probably meant: its
  /// numbers contradict each other by about a thousand, as seconds in the place of milliseconds do.
  public var unitFaults: [String] { [prefill?.unitFault, decode?.unitFault].compactMap { $0 } }

  /// Why targets can't be what was meant, each a sentence: no load of the profile meets them, or
  /// every one meets them so many times over that they decide nothing. Where the profile's own units
  /// are doubtful (``unitFaults``), nothing can be said.
  ///
  /// - Parameters:
  ///   - ttftMilliseconds: the target for the time to first token; nil for none.
  ///   - itlMilliseconds: the target for the inter-token latency; nil for none.
  public func targetFaults(ttftMilliseconds: Double?, itlMilliseconds: Double?) -> [String] {
    guard unitFaults.isEmpty else { return [] }
    var faults: [String] = []
    if let target = ttftMilliseconds, let curve = prefill {
      let times = curve.points.map(\.ttftMilliseconds)
      // Generous targets are common for the first token (a batch of documents overnight), less so
      // for every token after it.
      faults += Self.fault(
        of: target, for: "TTFT", flag: "--ttft", among: times, tooGenerousFactor: 100,
        least: "its shortest prompt takes", most: "its longest takes")
    }
    if let target = itlMilliseconds, let surface = decode {
      faults += Self.fault(
        of: target, for: "ITL", flag: "--itl", among: surface.points.map(\.itlMilliseconds),
        tooGenerousFactor: 20, least: "its lowest is", most: "its highest is")
    }
    return faults
  }

  private static func fault(
    of target: Double, for quantity: String, flag: String, among times: [Double],
    tooGenerousFactor factor: Double, least: String, most: String
  ) -> [String] {
    guard let shortest = times.min(), let longest = times.max() else { return [] }
    let plausible = shortest...(longest * factor)
    guard !plausible.contains(target) else { return [] }
    let facts =
      target < shortest
      ? "can't be met by any engine of this profile: \(least) \(Numbers.significant(shortest)) ms"
      : "says nothing for engines of this profile: \(most) \(Numbers.significant(longest)) ms"
    let meant = [target * 1000, target / 1000].first(where: plausible.contains)
    let advice =
      meant.map { "Probably \(Numbers.significant($0)) is meant: \(flag) counts milliseconds." }
      ?? "\(flag) counts milliseconds."
    return ["The \(quantity) target of \(Numbers.significant(target)) ms \(facts). \(advice)"]
  }
}
