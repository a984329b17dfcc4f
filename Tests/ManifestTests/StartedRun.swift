import Settings
import Testing
import Yams

extension Manifests {
  /// The settings of a run as the container of a set's workload starts it.
  static func settings(_ set: String) async throws -> RunSettings {
    try startedSettings(try await objects(set))
  }

  /// The settings of a run as the container among `objects` starts it, from its arguments, its
  /// environment and the configuration that is mounted; there must be no warning.
  static func startedSettings(_ objects: [Node]) throws -> RunSettings {
    let container = try #require(objects.compactMap(\.podSpec).first?.at("containers 0"))
    var arguments = container["args"]?.strings ?? []
    #expect(arguments.removeFirst() == "run")
    var flags: [String: String] = [:]
    while !arguments.isEmpty {
      let name = String(arguments.removeFirst().dropFirst(2))
      let isSwitch = arguments.first?.hasPrefix("--") ?? true
      flags[name] = isSwitch ? "true" : arguments.removeFirst()
    }
    let file = flags.removeValue(forKey: "config")
    #expect(file == "/etc/sla-planner/planner.yaml")
    for name in ["enable", "disable"] {
      for mode in ["throughput", "loadbased"] {
        if flags.removeValue(forKey: "\(name)-\(mode)-scaling") != nil {
          flags["enable-\(mode)-scaling"] = name == "enable" ? "true" : "false"
        }
      }
    }
    let named = try #require(container.at("envFrom 0 configMapRef name")?.string)
    var environment = try #require(configMap(named, among: objects))
    for variable in container["env"]?.sequence ?? [] {
      guard let name = variable["name"]?.string else { continue }
      environment[name] = variable["value"]?.string ?? "from-the-pod"
    }
    let mounted = objects.compactMap(\.podSpec).first?["volumes"]?.sequence?.first {
      $0["name"]?.string == "configuration"
    }
    let configuration = try #require(mounted?.at("configMap name")?.string)
    let text = configMap(configuration, among: objects)?["planner.yaml"]
    let (settings, warnings) = try RunSettings.resolve(
      flags: flags, environment: environment,
      file: try ConfigurationFile.parse(try #require(text), name: "planner.yaml"))
    #expect(warnings == [])
    return settings
  }

  /// The values of a ConfigMap; nil where there is none of the name.
  static func configMap(_ name: String, among objects: [Node]) -> [String: String]? {
    let map = objects.first {
      $0["kind"]?.string == "ConfigMap" && $0.at("metadata name")?.string == name
    }
    return map?["data"]?.mapping.map { data in
      Dictionary(
        uniqueKeysWithValues: data.compactMap { key, value in
          key.string.flatMap { name in value.string.map { (name, $0) } }
        })
    }
  }
}
