extension SampleAnswer.Series {
  /// The series without samples that no counter shows.
  ///
  /// A counter that falls began again, and what it counted until then is lost: so a single damaged
  /// sample makes a restart, and a step with hardly any traffic. A sample that is left out costs
  /// nothing, like a scrape that was missed: the ones around it have the growth. Left out are
  /// - what is no number, below 0, or beyond 2^53, from where a counter can't grow by 1, and what is
  ///   next to 0 without being it;
  /// - a fall that one of the next twenty samples takes back at one go: after a restart it grows from 0;
  /// - a jump to more than a thousand times what a later sample shows, which is no less than what
  ///   was there before.
  func believable() -> SampleAnswer.Series {
    guard
      ["_total", "_count", "_sum"].contains(where: { labels["__name__"]?.hasSuffix($0) == true })
    else { return self }
    let numbers = samples.filter {
      $0.value == 0 || (1e-3...9_007_199_254_740_992).contains($0.value)
    }
    // From the last sample backwards, the least that is still to come.
    var least: [Double] = []
    for sample in numbers.reversed() {
      least.append(min(least.last ?? .infinity, sample.value))
    }
    least = [.infinity] + least
    var kept: [SampleAnswer.Sample] = []
    for (index, sample) in numbers.enumerated() {
      let before = kept.last?.value ?? 0
      let later = least[numbers.count - 1 - index]
      let isJump = later >= before && sample.value > 1000 * max(1, later)
      if !isJump, !isTakenBack(numbers[index...].prefix(21), before) { kept.append(sample) }
    }
    return SampleAnswer.Series(labels: labels, samples: kept)
  }

  /// Whether the first of `samples` falls below `before`, and one of the others is up again at one go.
  private func isTakenBack(_ samples: ArraySlice<SampleAnswer.Sample>, _ before: Double) -> Bool {
    guard let first = samples.first, first.value < before else { return false }
    guard let back = samples.indices.first(where: { samples[$0].value >= before }) else {
      return false
    }
    return samples[back].value - samples[back - 1].value >= before / 2
  }
}
