import NumericalMethods

/// Where a context length lies among the rows of a surface.
struct Place {
  /// The context length that the query is answered for: never below the first row, whose
  /// *concurrency* then counts; a longer one than the last row's keeps its value, so that the
  /// last row's *KV usage* counts.
  let contextLength: Double
  /// Index of the row with the next shorter (or equal) context.
  let lower: Int
  /// Index of the row with the next longer context; the same as `lower` outside and on a row.
  let upper: Int
  /// Weight of the lower row, by position in 1/context.
  private let weight: Double
  /// Weight of the lower row, by position in the context itself.
  private let linearWeight: Double

  /// - Parameters:
  ///   - contextLength: a finite number of tokens.
  ///   - rows: at least one, in order of context length.
  init(_ contextLength: Double, in rows: [ContextRow]) {
    let length = max(contextLength, rows[0].contextLength)
    self.contextLength = length
    let low = bisect(0, rows.count) { rows[$0].contextLength <= length }.low
    lower = low
    guard low + 1 < rows.count, length > rows[low].contextLength else {
      upper = low
      weight = 1
      linearWeight = 1
      return
    }
    upper = low + 1
    let shorter = rows[low].contextLength
    let longer = rows[low + 1].contextLength
    linearWeight = (longer - length) / (longer - shorter)
    // (1/length − 1/longer) / (1/shorter − 1/longer), without its cancellation.
    weight = linearWeight * (shorter / length)
  }

  /// Whether the context lies strictly between two rows.
  var isBetweenRows: Bool { lower != upper }

  /// Interpolates between the two rows' values, linearly in 1/context.
  func mix(_ shorter: Double, _ longer: Double) -> Double {
    isBetweenRows ? weight * shorter + (1 - weight) * longer : shorter
  }

  /// The smallest load measured around here, as KV usage. Between rows the *concurrency* goes
  /// linearly in 1/context, that is the usage linearly in the context.
  func lowestUsage(in rows: [ContextRow]) -> Double {
    linearWeight * rows[lower].lowestUsage + (1 - linearWeight) * rows[upper].lowestUsage
  }

  /// The largest load measured around here, as KV usage; between those of the two rows.
  func highestUsage(in rows: [ContextRow]) -> Double {
    max(
      lowestUsage(in: rows),
      linearWeight * rows[lower].highestUsage + (1 - linearWeight) * rows[upper].highestUsage)
  }
}
