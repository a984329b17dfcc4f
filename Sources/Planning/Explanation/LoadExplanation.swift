/// Says in words what one latency says of the workers.
struct LoadExplanation {
  let side: LoadSide
  let input: DecisionInput

  /// The phrase, without a full stop.
  var phrase: String {
    let name = side.latency == .ttft ? "TTFT" : "ITL"
    let unit = side.latency == .ttft ? "active prefill tokens" : "active decode blocks"
    switch side.reason {
    case .insufficientData:
      guard case .insufficient(let have, let need) = side.bound else { return "\(name): no data" }
      return "\(name): \(have) of the \(need) observations needed"
    case .regressionUnusable:
      return
        "\(name): load does not drive latency in what was seen, and nothing was within the target of \(target)"
    case .targetUnreachable:
      return "\(name): the target of \(target) can't be met even by an idle worker"
    case .overload:
      return
        "\(name): every worker misses the target of \(target) while busier than usual, and no load seen would meet it (\(loads))"
    case .scaleUp where side.wanted != nil:
      return
        "\(name): \(agreement) show more than \(threshold) \(unit) a worker (\(loads)); \(side.wanted ?? 0) workers would carry no more"
    case .scaleUp:
      return "\(name): every worker carries more than \(threshold) \(unit) (\(loads))"
    case .scaleDown where side.agreement != nil:
      return
        "\(name): \(agreement) show nine workers in ten below \(number(side.scaleDownBoundary)) \(unit), what one worker less could take (\(loads))"
    case .scaleDown:
      return
        "\(name): every worker carries less than \(number(side.scaleDownBoundary)) \(unit), what one worker less could take (\(loads))"
    default:
      return "\(name): the target of \(target) is reached at \(threshold) \(unit) (\(loads))"
    }
  }

  private var target: String {
    let targets = input.policy.targets
    let value = side.latency == .ttft ? targets.ttftMilliseconds : targets.itlMilliseconds
    return "\(Phrase.number(value, digits: 1)) ms"
  }

  private var threshold: String { number(side.threshold) }
  private func number(_ value: Double?) -> String {
    value.map { Phrase.number($0, digits: 0) } ?? "an unknown number of"
  }

  private var agreement: String {
    side.agreement.map { "\($0.agreeing) of \($0.samples) samples" } ?? "the samples"
  }

  private var loads: String {
    let known = side.loads.compactMap(\.load)
    guard let least = known.min(), let most = known.max() else { return "no load shown" }
    return least == most
      ? "now \(number(least))" : "now \(number(least))…\(number(most))"
  }
}
