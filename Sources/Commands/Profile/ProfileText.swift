import Invocation
import Presentation

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
            Numbers.short($0.isl, 0), Numbers.visible($0.ttftMilliseconds, 1),
            Numbers.visible($0.throughputPerGPU, 1),
            Numbers.visible($0.gpuSecondsPerPrompt, 4),
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
            Numbers.short(row[0].contextLength, 0), "\(row.count)",
            range(row.map(\.concurrency), 0), range(row.map { 100 * $0.kvUsage }, 1),
            range(row.map(\.itlMilliseconds), 1), range(row.map(\.throughputPerGPU), 1),
          ]
        }, indent: "  ", gap: "   ")
    return [
      "Decode: \(decode.points.count) points, KV cache of \(Numbers.short(decode.maximumKVTokens, 0)) tokens"
    ] + table
  }

  private var answers: [String]? {
    guard let answers = document.answers else { return nil }
    var lines = [
      "At ISL \(Numbers.short(answers.isl, 1)), OSL \(Numbers.short(answers.osl, 1)) (context length \(Numbers.short(answers.contextLength, 1)))"
    ]
    if let prefill = answers.prefill {
      var line =
        "  prefill  TTFT \(Numbers.visible(prefill.ttftMilliseconds, 1)) ms on an idle engine, \(Numbers.visible(prefill.throughputPerGPU, 1)) tokens/s per GPU (\(Numbers.visible(prefill.promptsPerSecondPerGPU, 2)) prompts/s)"
      if let target = prefill.targetMilliseconds, let meets = prefill.meetsTarget {
        line +=
          "; the target of \(Numbers.short(target, 1)) ms \(meets ? "is met" : "can't be met")"
      }
      lines.append(line)
    }
    if let load = answers.decode { lines.append("  decode   \(describe(load))") }
    if let best = answers.best {
      let target = "ITL target of \(Numbers.short(best.targetMilliseconds, 2)) ms"
      lines.append(
        best.meetsTarget
          ? "  best     \(describe(best.load)), the highest load within the \(target)"
          : "  best     the \(target) can't be met; lowest load: \(describe(best.load))")
    }
    return lines + answers.warnings.map { "  Warning: \($0)" }
  }

  private func describe(_ load: ProfileAnswers.Load) -> String {
    "ITL \(Numbers.visible(load.itlMilliseconds, 2)) ms, \(Numbers.visible(load.throughputPerGPU, 1)) tokens/s per GPU with \(Numbers.short(load.concurrency, 1)) sequences (\(Numbers.visible(100 * load.kvUsage, 1)) % of the KV cache)"
  }

  /// The smallest and the largest value, or the only one.
  private func range(_ values: [Double], _ digits: Int) -> String {
    let low = Numbers.visible(values.min() ?? .nan, digits)
    let high = Numbers.visible(values.max() ?? .nan, digits)
    return low == high ? low : "\(low)…\(high)"
  }
}
