/// Which series of a router page belong to the deployment.
struct WorkerFilter {
  /// As the user wrote it; nil for any.
  private let modelName: String?
  private let lowercasedModel: String?
  private let namespace: DynamoNamespace

  init(modelName: String?, dynamoNamespace: String) {
    self.modelName = modelName
    lowercasedModel = modelName?.lowercased()
    namespace = DynamoNamespace(name: dynamoNamespace)
  }

  /// Whether the series carries no label that says otherwise.
  func keeps(_ series: RouterPage.Series) -> Bool {
    if let lowercasedModel, let label = series.model, label.lowercased() != lowercasedModel {
      return false
    }
    if let label = series.dynamoNamespace, !namespace.matches(label) { return false }
    return true
  }

  /// A sentence for when none of `series` is kept: what was wanted and what there is.
  func explainMismatch(with series: [RouterPage.Series]) -> String {
    let models = Set(series.compactMap(\.model)).sorted()
    let namespaces = Set(series.compactMap(\.dynamoNamespace)).sorted()
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
