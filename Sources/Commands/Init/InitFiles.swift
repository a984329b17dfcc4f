import Application
import Planning
import Presentation
import Settings

/// The files that `init` writes, as texts: a pure function of what was found.
struct InitFiles {
  let survey: ClusterSurvey
  /// The kustomization that the overlay builds on, as a path from the overlay's folder.
  let base: String

  private var settings: RunSettings { survey.settings }
  private var deployment: String { settings.deploymentName ?? "" }

  // MARK: planner.yaml

  /// What stands in every file, in this order; other options follow where somebody gave them.
  private static let always = [
    "deployment", "namespace", "model-name", "mode", "backend", "ttft", "itl", "max-gpu-budget",
    "min-endpoint", "enable-throughput-scaling", "enable-loadbased-scaling", "profile-results-dir",
    "load-predictor", "adjustment-interval", "prometheus-endpoint",
  ]

  /// How the planner decides, every value explained.
  var configuration: String {
    let entries = Dictionary(uniqueKeysWithValues: settings.entries.map { ($0.name, $0) })
    let others = settings.entries.filter {
      !Self.always.contains($0.name) && $0.isRecorded && !$0.origin.isStandard
    }.map(\.name)
    let head = """
      # How sla-planner decides about '\(deployment)' in '\(survey.namespace)'. Any option of
      # 'sla-planner run --help' may stand here, with _ for -. Check it with
      # 'sla-planner validate --config planner.yaml'.

      """
    let lines = (Self.always + others).compactMap { name -> String? in
      guard let entry = entries[name],
        let option = OptionTable.options.first(where: { $0.name == name })
      else { return nil }
      return Self.wrapped(option.help) + "# \(origin(of: entry))\n"
        + "\(key(name)): \(quoted(entry.value))\n"
    }
    return head + "\n" + lines.joined(separator: "\n")
  }

  private func key(_ name: String) -> String { name.replacing("-", with: "_") }

  private func origin(of entry: SettingEntry) -> String {
    if let how = survey.found[entry.name] { return "Found: \(how)." }
    return entry.origin.isStandard ? "The default." : "As you said."
  }

  /// Texts that YAML could take for something else are quoted.
  private func quoted(_ value: String) -> String {
    let isPlain =
      value.wholeMatch(of: /[A-Za-z][A-Za-z0-9_.\/-]*/) != nil && value != "null"
    let isNumber = value.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil
    return isPlain || isNumber
      ? value : "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }

  /// A comment of at most 100 columns.
  private static func wrapped(_ text: String) -> String {
    var lines: [String] = []
    var line = "#"
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > 100 {
        lines.append(line)
        line = "#"
      }
      line += " \(word)"
    }
    return (lines + [line]).joined(separator: "\n") + "\n"
  }

  // MARK: kustomization.yaml

  /// Which overlay of `k8s/overlays` has what is to be done.
  static func overlay(_ settings: RunSettings) -> String {
    if settings.mode == .agg { return "aggregated" }
    switch (settings.throughput != nil, settings.load != nil) {
    case (true, true): return "both"
    case (false, _): return "load-only"
    case (true, false): return "throughput-only"
    }
  }

  /// The overlay: the base with this deployment's names, rights and configuration.
  var kustomization: String {
    let profile =
      settings.throughput == nil
      ? ""
      : """
      # CHANGE: your engine's profile, two files beside this one:
      #  - name: sla-planner-profile
      #    behavior: replace
      #    files: [prefill_raw_data.json, decode_raw_data.json]
      #    options: {disableNameSuffixHash: true}

      """
    return """
      # Written by 'sla-planner init'. Look at it: kubectl kustomize . Apply it: kubectl apply -k .
      apiVersion: kustomize.config.k8s.io/v1beta1
      kind: Kustomization
      namespace: \(survey.namespace) # where the DynamoGraphDeployment is
      resources: [\(base)]
      images: # CHANGE: where you pushed the image
        - name: sla-planner
          newName: sla-planner
          newTag: \(plannerVersion)
      configMapGenerator:
        - name: sla-planner-configuration # how it decides
          behavior: replace
          files: [planner.yaml]
          options: {disableNameSuffixHash: true}
      \(profile)patches:
        - target: {kind: ConfigMap, name: sla-planner-settings} # where it works
          patch: |
            - {op: replace, path: /data/DYN_PARENT_DGD_K8S_NAME, value: \(deployment)}
            - {op: replace, path: /data/DYN_NAMESPACE, value: \(settings.dynamoNamespace)}
            - {op: replace, path: /data/PROMETHEUS_ENDPOINT, value: "\(settings.prometheus.endpoint)"}
        - target: {kind: Role, name: sla-planner} # what it may do: what a run uses, and nothing else
          patch: |
            - op: replace
              path: /rules
              value:
      \(rules)
        - target: {kind: NetworkPolicy, name: sla-planner}
          patch: |
            - op: replace
              path: /spec/egress/0/to/0/podSelector/matchLabels/nvidia.com~1dynamo-graph-deployment-name
              value: \(deployment)
        - target: {kind: Lease}
          patch: |
            - {op: replace, path: /metadata/name, value: \(settings.leaseName ?? deployment + "-planner")}
          options: {allowNameChange: true}

      """
  }

  private var rules: String {
    survey.permissions.map { "          \($0.manifestLine)" }.joined(separator: "\n")
  }
}

extension ValueOrigin {
  /// Whether nobody gave the value.
  fileprivate var isStandard: Bool {
    if case .standard = self { true } else { false }
  }
}
