import Presentation

/// Decode points fit for interpolation, grouped by context length, and what had to be said.
struct DecodeTable {
  private(set) var points: [DecodePoint] = []
  private(set) var warnings: [String] = []
  private let maximumKVTokens: Double

  init(
    kvUsage: [Double], contextLength: [Double], itlMilliseconds: [Double],
    throughputPerGPU: [Double], maximumKVTokens: Double
  ) throws(ProfileError) {
    let n = kvUsage.count
    guard n == contextLength.count, n == itlMilliseconds.count, n == throughputPerGPU.count else {
      throw .mismatchedLengths([
        .init(name: "x_kv_usage", count: n),
        .init(name: "y_context_length", count: contextLength.count),
        .init(name: "z_itl", count: itlMilliseconds.count),
        .init(name: "z_thpt_per_gpu", count: throughputPerGPU.count),
      ])
    }
    guard isUsable(maximumKVTokens) else { throw .badMaximumKVTokens(maximumKVTokens) }
    self.maximumKVTokens = maximumKVTokens
    for i in 0..<n {
      add(
        DecodePoint(
          kvUsage: kvUsage[i], contextLength: contextLength[i],
          itlMilliseconds: itlMilliseconds[i], throughputPerGPU: throughputPerGPU[i]),
        number: i + 1)
    }
    guard !points.isEmpty else { throw .noUsablePoints(kind: "decode", refused: warnings) }
    points.sort {
      ($0.contextLength, $0.kvUsage, $0.itlMilliseconds, $0.throughputPerGPU)
        < ($1.contextLength, $1.kvUsage, $1.itlMilliseconds, $1.throughputPerGPU)
    }
  }

  private mutating func add(_ point: DecodePoint, number: Int) {
    let values = [
      point.kvUsage, point.contextLength, point.itlMilliseconds, point.throughputPerGPU,
    ]
    let place =
      "Decode point \(number) (KV usage \(Numbers.significant(point.kvUsage)), context "
      + "\(Numbers.significant(point.contextLength)), ITL \(Numbers.significant(point.itlMilliseconds)) ms, "
      + "\(Numbers.significant(point.throughputPerGPU)) tokens/s/GPU)"
    guard values.allSatisfy(isUsable) else {
      warnings.append("\(place) is left out: every value must be a positive number.")
      return
    }
    points.append(point)
    if point.kvUsage > 1 {
      warnings.append(
        "\(place) claims more than the whole KV cache (\(Numbers.significant(maximumKVTokens)) tokens); "
          + "no load above 100 % is planned for.")
    }
    let efficiency = point.batchingEfficiency(maximumKVTokens: maximumKVTokens)
    // One part in a hundred is rounding and averaging in the measurement.
    if efficiency > 1.01 {
      warnings.append(
        "\(place) has a throughput \(Numbers.significant(efficiency)) times concurrency / ITL, which is the "
          + "most that even one GPU can do. Check max_kv_tokens and the units.")
    }
  }

  /// Splits the points into rows of one context length.
  ///
  /// Contexts within 1 % of a row's shortest are one row. If that leaves most points alone, the
  /// profile was not measured row by row, and contexts within 25 % are taken together: a row
  /// needs several loads to have a slope, and the rows of scattered profiles lie further apart
  /// than that.
  mutating func rows() -> [[DecodePoint]] {
    func grouped(within tolerance: Double) -> [[DecodePoint]] {
      points.runs { $1.contextLength <= $0.contextLength * (1 + tolerance) }
    }
    var rows = grouped(within: 0.01)
    if 2 * rows.count(where: { $0.count == 1 }) > points.count, points.count > 1 {
      rows = grouped(within: 0.25)
      warnings.append(
        "Most context lengths were profiled at one load only; those within 25 % of each other "
          + "are taken together.")
    } else {
      for row in rows where row.count == 1 && points.count > 1 {
        warnings.append(
          "Context length \(Numbers.significant(row[0].contextLength)) was profiled at one load only; the "
            + "slope of the nearest context length is used there.")
      }
    }
    if rows.count == 1 {
      warnings.append(
        "Only one context length was profiled (\(Numbers.significant(rows[0][0].contextLength))): what other "
          + "lengths cost is not known.")
    }
    return rows.map { merge($0) }
  }

  /// Sorts a row by load and averages points of equal load.
  private mutating func merge(_ row: [DecodePoint]) -> [DecodePoint] {
    let sorted = row.sorted {
      ($0.kvUsage, $0.contextLength, $0.itlMilliseconds) < (
        $1.kvUsage, $1.contextLength, $1.itlMilliseconds
      )
    }
    return sorted.runs { $0.kvUsage == $1.kvUsage }.map { group in
      guard group.count > 1 else { return group[0] }
      warnings.append(
        "KV usage \(Numbers.significant(group[0].kvUsage)) at context \(Numbers.significant(group[0].contextLength)) was "
          + "profiled \(group.count) times; the mean is used.")
      let n = Double(group.count)
      return DecodePoint(
        kvUsage: group[0].kvUsage,
        contextLength: group.reduce(0) { $0 + $1.contextLength } / n,
        itlMilliseconds: group.reduce(0) { $0 + $1.itlMilliseconds } / n,
        throughputPerGPU: group.reduce(0) { $0 + $1.throughputPerGPU } / n)
    }
  }
}
