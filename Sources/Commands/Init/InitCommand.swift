import Application
import ArgumentParser
import Planning
import Settings

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `sla-planner init`: writes a configuration and an overlay for a deployment that there is.
struct InitCommand: AsyncParsableCommand, RunOptions {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Ask the cluster about a deployment and write planner.yaml and an overlay for it.",
    discussion: """
      Takes the flags, environment and file of 'run'; what they leave open is found in the cluster or \
      stays the default, and the files say which, value by value. Nothing in the cluster is changed.

      Example: sla-planner init --deployment chat --ttft 300 --itl 30
      """)

  @Argument(
    help: ArgumentHelp(
      "Folder to write; its overlay builds on k8s/overlays of the working directory (default: planner-<deployment>).",
      valueName: "folder"))
  var folder: String?

  @Flag(help: "Overwrite what is there.")
  var force = false

  @OptionGroup(title: CommonSettings.title) var common: SectionFlags<CommonSettings>
  @OptionGroup(title: ThroughputSettings.title) var throughput: SectionFlags<ThroughputSettings>
  @OptionGroup(title: SizingSettings.title) var sizing: SectionFlags<SizingSettings>
  @OptionGroup(title: LoadSettings.title) var load: SectionFlags<LoadSettings>
  @OptionGroup(title: DampingSettings.title) var damping: SectionFlags<DampingSettings>
  @OptionGroup(title: StateSettings.title) var state: SectionFlags<StateSettings>
  @OptionGroup(title: SourceSettings.title) var sources: SectionFlags<SourceSettings>
  @OptionGroup(title: ConnectorSettings.title) var connectors: SectionFlags<ConnectorSettings>
  @OptionGroup(title: OutputSettings.title) var output: SectionFlags<OutputSettings>

  func run() async throws {
    try await reportingFailures {
      let survey = try await ClusterSurvey(flagLayer)
      let deployment = survey.settings.deploymentName ?? ""
      let folder = folder ?? "planner-\(deployment)"
      let overlay = InitFiles.overlay(survey.settings)
      let files = InitFiles(survey: survey, base: Self.path(from: folder, toOverlay: overlay))
      try write(
        ["planner.yaml": files.configuration, "kustomization.yaml": files.kustomization],
        to: folder)
      printText(
        """
        '\(deployment)' in '\(survey.namespace)' has \(Self.sentence(survey)).
        Wrote \(folder)/planner.yaml and \(folder)/kustomization.yaml. Next:
          sla-planner validate --config \(folder)/planner.yaml
          kubectl apply -k \(folder)
        """)
    }
  }

  private static func sentence(_ survey: ClusterSurvey) -> String {
    survey.status.components.sorted { $0.key < $1.key }.map { component, status in
      let gpus = status.gpusPerReplica.map { " of \($0) GPU\($0 == 1 ? "" : "s")" } ?? ""
      return "\(status.replicas.map { String($0) } ?? "no") \(component.rawValue)\(gpus)"
    }.joined(separator: ", ")
  }

  /// The way from `folder` to an overlay of `k8s/overlays` in the working directory.
  static func path(from folder: String, toOverlay name: String) -> String {
    let parts = folder.split(separator: "/").filter { $0 != "." }
    if folder.hasPrefix("/") || parts.contains("..") {
      return FileManager.default.currentDirectoryPath + "/k8s/overlays/\(name)"
    }
    return String(repeating: "../", count: parts.count) + "k8s/overlays/\(name)"
  }

  private func write(_ files: [String: String], to folder: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(
        .configuration, "The folder '\(folder)' can't be made; check that its parent is writable.")
    }
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      let path = "\(folder)/\(name)"
      guard force || !FileManager.default.fileExists(atPath: path) else {
        throw CommandFailure(
          .configuration,
          "'\(path)' exists; nothing was overwritten. Name another folder, or add --force.")
      }
      try OutputFile(kind: "configuration", path: path).write(text)
    }
  }
}
