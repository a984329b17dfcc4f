/// Finds the name under which a deployment serves its model.
enum ServedModel {
  /// The name that the workers serve under.
  ///
  /// A name that was chosen for serving counts before the model's own: of two workers one may
  /// state `--served-model-name` and the other only the model it loads.
  ///
  /// - Returns: the name, or why there is none: workers that contradict each other (the user may
  ///   still name the model); neither when nothing is stated.
  static func name(
    of workers: [GraphComponent], deployment: GraphDeployment
  ) -> (name: String?, warning: String?) {
    for find in [servedName, loadedModel] {
      var found: (name: String, worker: String)?
      for worker in workers {
        guard let name = find(worker, deployment) else { continue }
        // Frontends compare names in lower case.
        if let found, found.name.lowercased() != name.lowercased() {
          return (
            nil,
            "The components '\(found.worker)' and '\(worker.name)' of '\(deployment.name)' serve different models ('\(found.name)' and '\(name)'). Correct the deployment, or say with --model-name which of them counts."
          )
        }
        found = found ?? (name, worker.name)
      }
      if let found { return (found.name, nil) }
    }
    return (nil, nil)
  }

  private static func servedName(_ worker: GraphComponent, _ deployment: GraphDeployment) -> String?
  {
    if deployment.isStatusCurrent, let name = worker.status?.servedModelName, !name.isEmpty {
      return name
    }
    return value(of: ["--served-model-name", "--model-name"], in: worker.arguments)
  }

  private static func loadedModel(_ worker: GraphComponent, _: GraphDeployment) -> String? {
    value(of: ["--model", "--model-path"], in: worker.arguments)
  }

  /// The value of the first of `flags` that stands in `words`, as `--flag value` or
  /// `--flag=value`. One that a shell or Kubernetes would still have to expand is unknown.
  static func value(of flags: [String], in words: [String]) -> String? {
    for flag in flags {
      for (word, next) in zip(words, words.dropFirst() + [""]) {
        let value =
          word == flag
          ? next : word.hasPrefix(flag + "=") ? String(word.dropFirst(flag.count + 1)) : ""
        if !value.isEmpty, !value.hasPrefix("-"), !value.contains("$") { return value }
      }
    }
    return nil
  }
}
