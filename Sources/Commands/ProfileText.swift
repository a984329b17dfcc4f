import Invocation

/// A profile and its answers as people read them.
struct ProfileText {
  let document: ProfileDocument

  init(_ document: ProfileDocument) { self.document = document }

  /// The whole text, without a line end after the last line.
  var text: String {
    var blocks = [["Profile \(document.directory)"]]
    blocks += [prefill, decode, answers].compactMap { $0 }
    if !document.warnings.isEmpty {
      blocks.append(document.warnings.map { "Warning: \($0)" })
    }
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var prefill: [String]? {
    guard let points = document.prefill?.points else { return nil }
    let table = TextTable.lines(
      [["ISL", "TTFT ms", "tokens/s/GPU", "GPU s/prompt"]]
        + points.map {
          [
            number($0.isl, 0), fixed($0.ttftMilliseconds, 1), fixed($0.throughputPerGPU, 1),
            fixed($0.gpuSecondsPerPrompt, 4),
          ]
        }, indent: "  ", gap: "   ")
    return ["Prefill: \(points.count) points"] + table
  }

  /// One line a context length: real profiles have some forty points.
  private var decode: [String]? {
    guard let decode = document.decode else { return nil }
    var rows: [[ProfileDocument.Decode.Point]] = []
    for point in decode.points {
      if let last = rows.last, last[0].contextLength == point.contextLength {
        rows[rows.count - 1].append(point)
      } else {
        rows.append([point])
      }
    }
    let table = TextTable.lines(
      [["context", "loads", "sequences", "KV usage %", "ITL ms", "tokens/s/GPU"]]
        + rows.map { row in
          [
            number(row[0].contextLength, 0), "\(row.count)",
            range(row.map(\.concurrency), 0), range(row.map { 100 * $0.kvUsage }, 1),
            range(row.map(\.itlMilliseconds), 1), range(row.map(\.throughputPerGPU), 1),
          ]
        }, indent: "  ", gap: "   ")
    return [
      "Decode: \(decode.points.count) points, KV cache of \(number(decode.maximumKVTokens, 0)) tokens"
    ] + table
  }

  private var answers: [String]? {
    guard let answers = document.answers else { return nil }
    var lines = [
      "At ISL \(number(answers.isl, 1)), OSL \(number(answers.osl, 1)) (context length \(number(answers.contextLength, 1)))"
    ]
    if let prefill = answers.prefill {
      var line =
        "  prefill  TTFT \(fixed(prefill.ttftMilliseconds, 1)) ms on an idle engine, \(fixed(prefill.throughputPerGPU, 1)) tokens/s per GPU (\(fixed(prefill.promptsPerSecondPerGPU, 2)) prompts/s)"
      if let target = prefill.targetMilliseconds, let meets = prefill.meetsTarget {
        line += "; the target of \(number(target, 1)) ms \(meets ? "is met" : "can't be met")"
      }
      lines.append(line)
    }
    if let load = answers.decode { lines.append("  decode   \(describe(load))") }
    if let best = answers.best {
      let target = "ITL target of \(number(best.targetMilliseconds, 2)) ms"
      lines.append(
        best.meetsTarget
          ? "  best     \(describe(best.load)), the highest load within the \(target)"
          : "  best     the \(target) can't be met; lowest load: \(describe(best.load))")
    }
    return lines + answers.warnings.map { "  Warning: \($0)" }
  }

  private func describe(_ load: ProfileAnswers.Load) -> String {
    "ITL \(fixed(load.itlMilliseconds, 2)) ms, \(fixed(load.throughputPerGPU, 1)) tokens/s per GPU with \(number(load.concurrency, 1)) sequences (\(fixed(100 * load.kvUsage, 1)) % of the KV cache)"
  }

  /// The smallest and the largest value, or the only one.
  private func range(_ values: [Double], _ digits: Int) -> String {
    let low = fixed(values.min() ?? .nan, digits)
    let high = fixed(values.max() ?? .nan, digits)
    return low == high ? low : "\(low)…\(high)"
  }
}

/// `value` with at most `digits` decimals, without trailing zeros.
private func number(_ value: Double, _ digits: Int) -> String {
  let text = fixed(value, digits)
  guard text.contains(".") else { return text }
  let trimmed = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
  return String(trimmed.reversed())
}

/// `value` with exactly `digits` decimals; more where it would be shown as 0 and is not.
private func fixed(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (value * scale).rounded()
  if scaled == 0, value != 0, digits < 6 { return fixed(value, digits + 1) }
  guard scaled.magnitude < 1e15 else { return "\(value)" }
  let sign = scaled < 0 ? "-" : ""
  let text = "\(Int(scaled.magnitude))"
  guard digits > 0 else { return sign + text }
  let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
  return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
}
