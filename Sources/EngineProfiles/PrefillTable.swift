import Presentation

/// Prefill points fit for interpolation, and what had to be said about the rest.
struct PrefillTable {
  private(set) var points: [PrefillPoint] = []
  private(set) var warnings: [String] = []

  init(
    isl: [Double], ttftMilliseconds: [Double], throughputPerGPU: [Double]
  ) throws(ProfileError) {
    guard isl.count == ttftMilliseconds.count, isl.count == throughputPerGPU.count else {
      throw .mismatchedLengths([
        .init(name: "prefill_isl", count: isl.count),
        .init(name: "prefill_ttft", count: ttftMilliseconds.count),
        .init(name: "prefill_thpt_per_gpu", count: throughputPerGPU.count),
      ])
    }
    for i in isl.indices {
      let point = PrefillPoint(
        isl: isl[i], ttftMilliseconds: ttftMilliseconds[i], throughputPerGPU: throughputPerGPU[i])
      if isUsable(point.isl), isUsable(point.ttftMilliseconds), isUsable(point.throughputPerGPU) {
        points.append(point)
      } else {
        warnings.append(
          "Prefill point \(i + 1) (ISL \(Numbers.significant(point.isl)), TTFT "
            + "\(Numbers.significant(point.ttftMilliseconds)) ms, \(Numbers.significant(point.throughputPerGPU)) tokens/s/GPU) "
            + "is left out: every value must be a positive number.")
      }
    }
    guard !points.isEmpty else { throw .noUsablePoints(kind: "prefill", refused: warnings) }
    sortAndMerge()
    warnIfFew()
    warnOfContradictions()
  }

  private mutating func sortAndMerge() {
    if let i = points.indices.dropFirst().first(where: { points[$0].isl < points[$0 - 1].isl }) {
      warnings.append(
        "The prefill points are not sorted (ISL \(Numbers.significant(points[i].isl)) follows "
          + "\(Numbers.significant(points[i - 1].isl))); they are used in order of ISL.")
    }
    var merged: [PrefillPoint] = []
    // Sorting by every field makes the mean independent of the order in the file.
    let sorted = points.sorted {
      ($0.isl, $0.ttftMilliseconds, $0.throughputPerGPU)
        < ($1.isl, $1.ttftMilliseconds, $1.throughputPerGPU)
    }
    for group in sorted.runs(where: { $0.isl == $1.isl }) {
      let n = Double(group.count)
      guard group.count > 1 else {
        merged += group
        continue
      }
      merged.append(
        PrefillPoint(
          isl: group[0].isl,
          ttftMilliseconds: group.reduce(0) { $0 + $1.ttftMilliseconds } / n,
          throughputPerGPU: group.reduce(0) { $0 + $1.throughputPerGPU } / n))
      warnings.append(
        "ISL \(Numbers.significant(group[0].isl)) was profiled \(group.count) times; the mean is used."
      )
    }
    points = merged
  }

  private mutating func warnIfFew() {
    if points.count == 1 {
      warnings.append(
        "Only one prefill point (ISL \(Numbers.significant(points[0].isl))): every prompt length is answered "
          + "with it.")
    } else if points.count < 4 {
      warnings.append(
        "Only \(points.count) prefill points: a cubic needs 4, so they are joined by straight "
          + "lines.")
    }
  }

  private mutating func warnOfContradictions() {
    for (shorter, longer) in zip(points, points.dropFirst())
    where shorter.gpuSecondsPerPrompt > longer.gpuSecondsPerPrompt {
      warnings.append(
        "GPU time per prompt falls with ISL: \(Numbers.significant(shorter.gpuSecondsPerPrompt)) s at ISL "
          + "\(Numbers.significant(shorter.isl)), but \(Numbers.significant(longer.gpuSecondsPerPrompt)) s at ISL "
          + "\(Numbers.significant(longer.isl)). Measure these points again.")
    }
  }
}

extension Array {
  /// Splits the array into the longest runs of neighbours of which each satisfies `belongs`
  /// together with the first of its run.
  func runs(where belongs: (Element, Element) -> Bool) -> [[Element]] {
    var runs: [[Element]] = []
    for element in self {
      if let first = runs.last?.first, belongs(first, element) {
        runs[runs.count - 1].append(element)
      } else {
        runs.append([element])
      }
    }
    return runs
  }
}
