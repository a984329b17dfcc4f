import Testing

@testable import Settings

@Suite("Precedence")
struct PrecedenceTests {
  @Test(
    "flag > recording > environment > file > default, for every option",
    arguments: OptionTable.options.map(\.name))
  func order(name: String) throws {
    let option = try #require(OptionTable.options.first { $0.name == name })
    let values = samples(of: option.kind)
    func value(_ place: Int) -> String { values[place % values.count] }
    let file = try ConfigurationFile.parse(
      "\(PlannerOption.fileKey(for: name)): \"\(value(3))\"", name: "f")
    let layers: [SettingsLayer?] = [
      option.flagStyle == .none ? nil : try SettingsLayer.flags([name: value(0)]),
      try SettingsLayer.recorded([name: value(1)]),
      try SettingsLayer.environment([PlannerOption.variable(for: name): value(2)]),
      option.name == "config" ? nil : try SettingsLayer.file(file).layer,
    ]
    for first in layers.indices {
      let present = layers[first...].compactMap { $0 }
      guard let winner = layers[first...].first(where: { $0 != nil }) ?? nil else { continue }
      var resolved = OptionReader(present)
      _ = try resolved.read(option)
      #expect(resolved.origin(of: option) == winner[option]?.origin)
      #expect(
        resolved.canonicalText(of: option).map(option.kind.parse)
          == winner[option].map { option.kind.parse($0.text) })
    }
    var untouched = OptionReader([])
    _ = try untouched.read(option)
    #expect(untouched.canonicalText(of: option) == option.standard)
    #expect(untouched.origin(of: option) == option.standard.map { _ in .standard(name) })
  }

  @Test("a value that is overridden isn't looked at")
  func overriddenNonsense() throws {
    let (settings, _) = try resolve(
      ["environment": "virtual", "ttft": "300"], environment: ["SLA_PLANNER_TTFT": "nonsense"],
      file: "ttft: more nonsense")
    #expect(settings.targets.ttftMilliseconds == 300)
  }

  @Test(
    "variables that others set come after the planner's own and before the file",
    arguments: [
      ("DYN_NAMESPACE", "namespace"), ("DYN_PARENT_DGD_K8S_NAME", "deployment"),
      ("PROMETHEUS_ENDPOINT", "prometheus-endpoint"), ("PROMETHEUS_TOKEN", "prometheus-token"),
      ("PROMETHEUS_TOKEN_FILE", "prometheus-token-file"),
      ("PROMETHEUS_CA_FILE", "prometheus-ca-file"),
      ("PROMETHEUS_CA_BUNDLE", "prometheus-ca-file"),
      ("PLANNER_PROMETHEUS_PORT", "metrics-port"), ("ETCD_ENDPOINTS", "etcd-endpoints"),
      ("ETCD_AUTH_USERNAME", "etcd-user"), ("ETCD_AUTH_PASSWORD", "etcd-password"),
      ("SCALING_MAX_WAIT_TIME", "scaling-max-wait-time"), ("KUBECONFIG", "kubeconfig"),
      ("POD_NAMESPACE", "pod-namespace"), ("POD_NAME", "pod-name"),
    ])
  func foreignVariables(variable: String, name: String) throws {
    let option = try #require(OptionTable.options.first { $0.name == name })
    let values = samples(of: option.kind)
    let file = try ConfigurationFile.parse(
      "\(PlannerOption.fileKey(for: name)): \"\(values[2])\"", name: "f")
    let fileLayer = try SettingsLayer.file(file).layer
    let foreign = try SettingsLayer.environment([variable: values[0]])
    #expect(try origin(of: option, [foreign, fileLayer]) == .environment(variable))
    let both = try SettingsLayer.environment([
      variable: values[0], PlannerOption.variable(for: name): values[1],
    ])
    #expect(
      try origin(of: option, [both]) == .environment(PlannerOption.variable(for: name)))
  }

  private func origin(
    of option: PlannerOption, _ layers: [SettingsLayer]
  ) throws -> ValueOrigin? {
    var reader = OptionReader(layers)
    _ = try reader.read(option)
    return reader.origin(of: option)
  }

  @Test("an empty variable counts as not set", arguments: ["", " ", "\n"])
  func emptyVariable(text: String) throws {
    let (settings, _) = try resolve(
      minimalFlags, environment: ["SLA_PLANNER_TTFT": text, "DYN_NAMESPACE": text],
      file: "ttft: 250")
    #expect(settings.targets.ttftMilliseconds == 250)
    #expect(settings.dynamoNamespace == "dynamo")
  }

  @Test("a switch can be turned off by a variable or the file under its opposite name")
  func opposites() throws {
    let base = ["environment": "virtual", "loadbased-router-metrics-url": "http://r/metrics"]
    let byVariable = try resolve(
      base,
      environment: [
        "SLA_PLANNER_DISABLE_THROUGHPUT_SCALING": "yes",
        "SLA_PLANNER_ENABLE_LOADBASED_SCALING": "1", "SLA_PLANNER_DRY_RUN": "true",
      ])
    #expect(byVariable.settings.throughput == nil)
    #expect(byVariable.settings.load != nil)
    #expect(byVariable.settings.isDryRun)
    let byFile = try resolve(
      base, file: "disable-throughput-scaling: true\nenable_load_scaling: on\ndry_run: false")
    #expect(byFile.settings.throughput == nil)
    #expect(byFile.settings.load != nil)
    #expect(!byFile.settings.isDryRun)
    let byFlag = try resolve(
      base.merging(["enable-throughput-scaling": "true"]) { $1 },
      file: "disable_throughput_scaling: true")
    #expect(byFlag.settings.throughput != nil)
  }

  @Test("two names of one option in one place have to agree")
  func contradictions() {
    let inFile = settingsError { _ = try resolve(minimalFlags, file: "ttft: 300\nttft_ms: 400") }
    #expect(
      inFile?.description
        == "planner.yaml: 'ttft' (line 1) and planner.yaml: 'ttft_ms' (line 2) set the same option to different values. Keep one of them."
    )
    #expect(inFile?.exitCode == 78)
    let inEnvironment = settingsError {
      _ = try resolve(
        minimalFlags,
        environment: [
          "SLA_PLANNER_ENABLE_THROUGHPUT_SCALING": "true",
          "SLA_PLANNER_DISABLE_THROUGHPUT_SCALING": "true",
        ])
    }
    #expect(inEnvironment?.description.contains("set the same option") == true)
    #expect(
      settingsError {
        _ = try resolve(minimalFlags, file: "ttft: 300\nttft_ms: 300.0\nno_operation: false")
      } == nil)
  }
}
