extension RouterPage {
  /// What the pages of several frontends say together. A worker that several of them place requests
  /// on has the sum of their loads, as the ranks of a worker have.
  init(merging pages: [RouterPage]) {
    self.init(
      series: pages.flatMap(\.series), facts: PageFacts(merging: pages.map(\.facts)),
      contradictions: pages.flatMap(\.contradictions),
      oldestStamp: pages.compactMap(\.oldestStamp).min(),
      sampleCount: pages.reduce(0) { $0 + $1.sampleCount },
      malformedLines: pages.first { $0.malformedLines.count > 0 }?.malformedLines
        ?? MalformedLines(),
      namesWithOtherPrefix: Array(Set(pages.flatMap(\.namesWithOtherPrefix))).sorted())
  }
}

extension PageFacts {
  fileprivate init(merging facts: [PageFacts]) {
    self.init(
      registrations: facts.flatMap(\.registrations),
      models: Set(facts.flatMap(\.models)).sorted(),
      limits: facts.reduce(into: [:]) { $0.merge($1.limits) { first, _ in first } })
  }
}
