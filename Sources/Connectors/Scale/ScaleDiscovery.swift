import Invocation

/// Which kinds the targets are of, kept between invocations.
public struct ScaleDiscovery: Codable, Sendable, Equatable {
  /// The API server it was learned from.
  public var server: String
  /// The kinds by the words that were asked for.
  public var kinds: [String: ScalableKind]
  /// Kinds of autoscalers that the cluster serves, by plural: `autoscaling/v2`, `keda.sh/v1alpha1`.
  public var autoscalers: [String: ScalableKind]
  /// Version of the claim templates of dynamic resource allocation; nil where there are none.
  public var claimVersion: String?
  /// When it was learned, Unix seconds.
  public var discoveredAt: Double
  /// Whether no autoscaler owned a target when they were looked for last.
  public var isUnowned = false

  /// Whether it still counts for `server` and `words` at `time`.
  func isValid(
    for server: String, _ words: [String], at time: Double, lifetimeSeconds: Double
  ) -> Bool {
    self.server == server && words.allSatisfy { kinds[$0] != nil }
      && (0..<lifetimeSeconds).contains(time - discoveredAt)
  }

  /// Asks the API server: one request where it answers for all groups at once (Kubernetes 1.27 and
  /// later), else one for each group.
  ///
  /// - Throws: ``ConnectorError/misconfigured(_:)`` for a word that no kind with a `scale` has, or
  ///   several.
  static func discover(
    _ words: [String], _ api: KubernetesAPI, at time: Double
  ) async throws -> ScaleDiscovery {
    let served = try await ServedResources.read(api)
    var kinds: [String: ScalableKind] = [:]
    for word in words { kinds[word] = try served.kind(word, server: api.access.server) }
    var autoscalers: [String: ScalableKind] = [:]
    for (group, plural) in [
      ("autoscaling", "horizontalpodautoscalers"), ("keda.sh", "scaledobjects"),
    ] {
      autoscalers[plural] =
        served.resources.first { $0.group == group && $0.plural == plural }?.kind
    }
    return ScaleDiscovery(
      server: api.access.server, kinds: kinds, autoscalers: autoscalers,
      claimVersion: served.resources.first {
        $0.group == "resource.k8s.io" && $0.plural == "resourceclaimtemplates"
      }?.version, discoveredAt: time)
  }
}

/// The namespaced resources of all API groups, each in its preferred version.
struct ServedResources {
  struct Resource {
    var group: String
    var version: String
    var plural: String
    var kindName: String
    /// Singular and short names.
    var otherNames: [String]
    var hasScale: Bool

    var kind: ScalableKind {
      ScalableKind(group: group, version: version, plural: plural, kind: kindName)
    }

    /// Whether `word` means it: a name, with or without the group behind a dot.
    func isCalled(_ word: String) -> Bool {
      let word = word.lowercased()
      let names = ([plural, kindName] + otherNames).map { $0.lowercased() }
      return names.contains { word == $0 || word == "\($0).\(group)" }
    }
  }

  var resources: [Resource]

  func kind(_ word: String, server: String) throws -> ScalableKind {
    let found = resources.filter { $0.isCalled(word) }
    let scalable = found.filter(\.hasScale)
    if scalable.count == 1 { return scalable[0].kind }
    guard scalable.isEmpty else {
      let names = scalable.map { "\($0.plural).\($0.group)" }.sorted().joined(separator: ", ")
      throw ConnectorError.misconfigured(
        "'\(word)' may mean several kinds at \(server): \(names). Name the group too, as in \(names.prefix { $0 != "," })/NAME."
      )
    }
    if let other = found.first {
      throw ConnectorError.misconfigured(
        "\(other.kindName) (\(other.group)) has no scale subresource at \(server), so that nothing can scale it. Name the object that owns it."
      )
    }
    let kinds = resources.filter(\.hasScale).map { "\($0.kindName.lowercased()).\($0.group)" }
      .sorted().joined(separator: ", ")
    throw ConnectorError.misconfigured(
      "The cluster at \(server) knows no kind '\(word)' that can be scaled; it has: \(kinds.isEmpty ? "none" : kinds)."
    )
  }

  static func read(_ api: KubernetesAPI) async throws -> ServedResources {
    var call = KubernetesCall(.get, path: "/apis")
    call.accept =
      ["v2", "v2beta1"].map {
        "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList,"
      }.joined() + "application/json"
    let tree = try await api.send(call, answering: JSONTree.self)
    if tree["kind"]?.text == "APIGroupDiscoveryList" { return ServedResources(aggregated: tree) }
    var resources: [Resource] = []
    for group in tree["groups"]?.elements ?? [] {
      guard let name = group["name"]?.text, let version = group["preferredVersion.version"]?.text
      else { continue }
      let call = KubernetesCall(.get, path: "/apis/\(name)/\(version)")
      let response = try await api.send(call, accepting: [403, 404, 503])
      guard response.status == 200 else { continue }
      let list = try api.decode(JSONTree.self, from: response, of: call)
      resources += Self.resources(of: list, name, version)
    }
    return ServedResources(resources: resources)
  }

  private static func resources(
    of list: JSONTree, _ group: String, _ version: String
  ) -> [Resource] {
    let all = list["resources"]?.elements ?? []
    let names = Set(all.compactMap { $0["name"]?.text })
    return all.compactMap { resource in
      guard let plural = resource["name"]?.text, !plural.contains("/"),
        let kind = resource["kind"]?.text, resource["namespaced"]?.flag != false
      else { return nil }
      return Resource(
        group: group, version: version, plural: plural, kindName: kind,
        otherNames: [resource["singularName"]?.text].compactMap { $0 }
          + (resource["shortNames"]?.elements.compactMap(\.text) ?? []),
        hasScale: names.contains(plural + "/scale"))
    }
  }

  private init(resources: [Resource]) { self.resources = resources }

  /// Source: Kubernetes API reference, `apidiscovery.k8s.io/v2` APIGroupDiscoveryList.
  private init(aggregated tree: JSONTree) {
    resources = (tree["items"]?.elements ?? []).flatMap { group -> [Resource] in
      guard let name = group["metadata.name"]?.text else { return [] }
      var found: [Resource] = []
      for version in group["versions"]?.elements ?? [] {
        guard let versionName = version["version"]?.text else { continue }
        for resource in version["resources"]?.elements ?? [] {
          guard let plural = resource["resource"]?.text, resource["scope"]?.text == "Namespaced",
            // The versions stand in the order of preference.
            !found.contains(where: { $0.plural == plural })
          else { continue }
          found.append(
            Resource(
              group: name, version: versionName, plural: plural,
              kindName: resource["responseKind.kind"]?.text ?? plural,
              otherNames: [resource["singularResource"]?.text].compactMap { $0 }
                + (resource["shortNames"]?.elements.compactMap(\.text) ?? []),
              hasScale: resource["subresources"]?.elements.contains {
                $0["subresource"]?.text == "scale"
              } == true))
        }
      }
      return found
    }
  }
}
