import Planning

/// The workloads that the scale environment scales, each as `KIND/NAME`.
public struct TargetOptions: Sendable, Equatable {
  /// The target of each component; aggregated workers are `decode`.
  public let names: [Component: String]
  /// Whether they are aggregated workers.
  let isAggregated: Bool
  /// Whether workers are named both as aggregated and as something else.
  let isContradictory: Bool

  init(_ options: inout OptionReader) throws(SettingsError) {
    let worker = try options.optionalText(
      .init(
        "worker", .workload, unit: "KIND/NAME",
        help: """
          Environment scale: the aggregated workers, as deployment/chat; any kind with a scale \
          subresource.
          """))
    let prefill = try options.optionalText(
      .init(
        "prefill", .workload, unit: "KIND/NAME",
        help: "Environment scale: the prefill workers, as leaderworkerset/chat-prefill."))
    let decode = try options.optionalText(
      .init(
        "decode", .workload, unit: "KIND/NAME", help: "Environment scale: the decode workers."))
    isAggregated = worker != nil
    var names: [Component: String] = [:]
    names[.prefill] = prefill
    names[.decode] = worker ?? decode
    self.names = names
    isContradictory = worker != nil && (prefill != nil || decode != nil)
  }

  /// What is scaled; nil without a target.
  var mode: DeploymentMode? {
    switch (isAggregated, names[.prefill], names[.decode]) {
    case (true, _, _): .agg
    case (_, .some, .some): .disagg
    case (_, .some, nil): .prefill
    case (_, nil, .some): .decode
    default: nil
    }
  }

  /// What the whole is called where nobody names it: the decode target's name, or the only one's.
  var deploymentName: String? {
    (names[.decode] ?? names[.prefill])?.split(separator: "/").last.map(String.init)
  }
}
