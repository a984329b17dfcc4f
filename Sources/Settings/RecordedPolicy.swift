import Planning

/// A recorded policy with some options changed: what would have been decided with `max-gpu-budget`
/// 12 and everything else as it was.
///
/// The policy is turned back into the options that make it, so that a change is read and checked as
/// the option always is.
public struct RecordedPolicy: Sendable {
  /// The options that make the policy, by name.
  public let options: [String: String]

  /// The options of `policy`.
  public init(_ policy: PlanningPolicy) {
    var options = [
      "mode": policy.mode.rawValue, "ttft": "\(policy.targets.ttftMilliseconds)",
      "itl": "\(policy.targets.itlMilliseconds)", "min-endpoint": "\(policy.minimumReplicas)",
      "max-gpu-budget": "\(policy.gpuBudget ?? -1)",
      "enable-throughput-scaling": "\(policy.throughput != nil)",
      "enable-loadbased-scaling": "\(policy.load != nil)",
      "scale-down-stabilization": "\(policy.damping.scaleDownStabilizationSeconds)",
      "hold-limit": "\(policy.hold.limitSeconds)",
    ]
    for component in policy.mode.components {
      options["\(component.rawValue)-engine-num-gpu"] = "\(policy.gpus(of: component))"
    }
    options["max-scale-up-step"] = policy.damping.maximumScaleUpStep.map { "\($0)" }
    options["max-scale-down-step"] = policy.damping.maximumScaleDownStep.map { "\($0)" }
    if !policy.hold.fallback.isEmpty {
      let counts = [Component.prefill, .decode].map { "\(policy.hold.fallback[$0] ?? 0)" }
      options["hold-fallback"] = counts.joined(separator: ",")
    }
    if let throughput = policy.throughput {
      options["adjustment-interval"] = "\(throughput.intervalSeconds)"
      options["no-correction"] = "\(!throughput.usesCorrection)"
      switch throughput.sizing {
      case .capacity: options["sizing"] = "capacity"
      case .sla(let sla):
        options["sizing"] = "sla"
        options["sla-quantile"] = "\(sla.quantile)"
        options["backlog-drain-seconds"] = "\(sla.backlogDrainSeconds)"
      }
    }
    if let load = policy.load {
      options["loadbased-learning-window"] = "\(load.learningWindow)"
      options["loadbased-min-observations"] = "\(load.minimumObservations)"
      options["loadbased-scaling-down-sensitivity"] = "\(load.scalingDownSensitivityPercent)"
      options["loadbased-warm-up"] = "\(load.warmUpSeconds)"
      options["loadbased-agreeing-samples"] = load.catchUp?.agreeingSamples.map { "\($0)" }
      if policy.throughput == nil, load.catchUp == nil { options["sizing"] = "capacity" }
    }
    self.options = options
  }

  /// The options that can be changed: those that a recorded decision rests on.
  public static let changeable: [String] = [
    "mode", "ttft", "itl", "min-endpoint", "max-gpu-budget", "prefill-engine-num-gpu",
    "decode-engine-num-gpu", "enable-throughput-scaling", "enable-loadbased-scaling",
    "scale-down-stabilization", "hold-limit", "hold-fallback", "max-scale-up-step",
    "max-scale-down-step", "no-correction", "sizing", "sla-quantile", "backlog-drain-seconds",
    "loadbased-learning-window", "loadbased-min-observations",
    "loadbased-scaling-down-sensitivity", "loadbased-agreeing-samples",
  ]

  /// Reads `NAME=VALUE` of `--with`, the name with or without dashes before it.
  ///
  /// - Throws: ``WhatIfError``.
  public static func changes(_ texts: [String]) throws(WhatIfError) -> [String: String] {
    var changes: [String: String] = [:]
    for text in texts {
      guard let equals = text.firstIndex(of: "=") else { throw .noValue(text) }
      let name = String(text[..<equals].drop { $0 == "-" }).replacing("_", with: "-")
      guard changeable.contains(name) else {
        let isOption = OptionTable.options.contains { $0.name == name }
        throw .unchangeable(
          name, isOption: isOption, nearest: NearestName.find(name, among: changeable))
      }
      changes[name] = String(text[text.index(after: equals)...])
    }
    return changes
  }

  /// The policy with `changes`.
  ///
  /// - Throws: ``SettingsError`` for a value that its option does not take, or that doesn't go with
  ///   the others.
  public func policy(with changes: [String: String]) throws(SettingsError) -> PlanningPolicy {
    // What a decision doesn't rest on, but the rules between options ask for.
    let beside = [
      "environment": "virtual", "loadbased-router-metrics-url": "http://recorded/metrics",
      "loadbased-adjustment-interval": "0.001", "loadbased-metric-samples": "1",
    ]
    let flags = options.merging(changes) { $1 }.merging(beside) { $1 }
    return try RunSettings.resolve(flags: flags, environment: [:]).settings.policy()
  }

  /// The options that differ from those of another policy.
  public func differences(from other: RecordedPolicy) -> [SettingDifference] {
    Set(options.keys).union(other.options.keys).sorted().compactMap { name in
      let (was, now) = (other.options[name], options[name])
      // 500 and 500.0 are the same.
      let isEqual =
        was == now || was.flatMap(Double.init).map { $0 == now.flatMap(Double.init) } ?? false
      return isEqual ? nil : SettingDifference(option: name, was: was, now: now)
    }
  }
}

/// One option that has two values.
public struct SettingDifference: Codable, Sendable, Equatable {
  /// The option's name, without dashes.
  public var option: String
  /// The recorded value; nil for none.
  public var was: String?
  /// The other one; nil for none.
  public var now: String?
}

/// Why `--with` can't be tried.
public enum WhatIfError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no `=`.
  case noValue(String)
  /// No recorded decision rests on it.
  case unchangeable(String, isOption: Bool, nearest: String?)

  /// What was given and what there is.
  public var description: String {
    switch self {
    case .noValue(let text):
      "--with takes NAME=VALUE, like max-gpu-budget=12, not '\(text)'."
    case .unchangeable(let name, let isOption, let nearest):
      isOption
        ? "--with can't change \(name): a recorded decision does not rest on it, or what it changed was recorded with it. It takes \(RecordedPolicy.changeable.joined(separator: ", "))."
        : "There is no option '\(name)'\(nearest.map { "; did you mean \($0)?" } ?? ".")"
    }
  }
}
