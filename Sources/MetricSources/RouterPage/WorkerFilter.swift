/// Which series of a router page belong to the deployment.
struct WorkerFilter {
  /// As the user wrote it; nil for any.
  private let modelName: String?
  private let models: ModelNames?
  private let namespace: DynamoNamespace
  /// The namespace in which a worker is registered, for gauges that carry none.
  private var registeredNamespaces: [String: String] = [:]

  init(modelName: String?, dynamoNamespace: String) {
    self.modelName = modelName
    models = modelName.map(ModelNames.init)
    namespace = DynamoNamespace(name: dynamoNamespace)
  }

  /// Whether the series carries no label that says otherwise.
  func keeps(_ series: RouterPage.Series) -> Bool {
    if let models, let label = series.model, !models.matches(label) { return false }
    let label = series.dynamoNamespace ?? registeredNamespaces[series.workerID]
    return label.map(namespace.matches) ?? true
  }

  /// Whether the worker is registered in our namespace, or in none.
  func keeps(_ registration: PageFacts.Registration) -> Bool {
    registration.dynamoNamespace.map(namespace.matches) ?? true
  }

  /// Takes what the router has registered.
  mutating func registered(_ registrations: [PageFacts.Registration]) {
    for registration in registrations {
      registeredNamespaces[registration.workerID] = registration.dynamoNamespace
    }
  }

  /// Why the workers can't be told from those of another model that the frontend serves; nil when it
  /// serves ours alone, or the others' workers are in other namespaces.
  func explainSharing(of served: [String]) -> String? {
    let others = served.filter { models?.matches($0) != true }
    guard served.count > 1, !others.isEmpty,
      registeredNamespaces.values.allSatisfy(namespace.matches)
    else { return nil }
    return "The page's frontend serves the models \(LabelList.text(served)), but its worker gauges "
      + "carry no model, so whose workers they are can't be told. Where the same workers serve them "
      + "all (adapters), name them all, as in --model-name '\(served.joined(separator: ","))'; else "
      + "give each deployment a frontend or a Dynamo namespace of its own."
  }

  /// A sentence for when none of `series` is kept: what was wanted and what there is.
  func explainMismatch(with series: [RouterPage.Series]) -> String {
    let models = Set(series.compactMap(\.model)).sorted()
    let namespaces = Set(
      series.compactMap { $0.dynamoNamespace ?? registeredNamespaces[$0.workerID] }
    ).sorted()
    let wanted =
      (modelName.map { ["model \(Excerpt.of($0.utf8))"] } ?? [])
      + (namespace.name.isEmpty ? [] : ["Dynamo namespace \(Excerpt.of(namespace.name.utf8))"])
    let found =
      (models.isEmpty ? [] : ["models \(LabelList.text(models))"])
      + (namespaces.isEmpty ? [] : ["Dynamo namespaces \(LabelList.text(namespaces))"])
    return "No worker on the page is of \(wanted.joined(separator: " in ")); there are "
      + "\(found.joined(separator: "; "))."
  }
}
