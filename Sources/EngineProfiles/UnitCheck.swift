import Presentation

/// Profiles whose numbers contradict each other by about a thousand: a latency in seconds where
/// milliseconds belong, a throughput in thousands.
///
/// What is compared holds of every engine, whatever it is: a prompt keeps the GPUs busy for about as
/// long as its first token takes, and a sequence in decode gets one token per ITL. Both leave room
/// for what engines differ in (tensor parallelism, chunking, batching, waiting), and none for a
/// factor of a thousand. The measured profiles at hand lie between 0.9 and 8.1 in prefill and
/// between 0.1 and 1 in decode.
enum UnitCheck {
  /// GPU time of a prompt over its TTFT: 1 for one GPU that does nothing else, g on g GPUs, more
  /// where they also wait. No engine has 300 GPUs for one prompt.
  private static let prefillRange = 0.01...300.0
  /// Throughput per GPU over concurrency ÷ ITL: 1 / g on g GPUs, at most 1.
  private static let decodeRange = 0.002...20.0

  /// What is wrong with the units of prefill points; nil for nothing.
  static func fault(of points: [PrefillPoint]) -> String? {
    let ratios = points.map { $0.gpuSecondsPerPrompt * 1000 / $0.ttftMilliseconds }
    guard let ratio = median(ratios), !prefillRange.contains(ratio),
      let point = points.last
    else { return nil }
    let facts =
      "at ISL \(Numbers.significant(point.isl)) the TTFT is \(Numbers.significant(point.ttftMilliseconds)) ms, but "
      + "\(Numbers.significant(point.throughputPerGPU)) tokens/s/GPU keep a GPU busy for "
      + "\(Numbers.significant(point.gpuSecondsPerPrompt * 1000)) ms"
    let meant =
      ratio > 1
      ? "prefill_ttft is probably in seconds (milliseconds are needed), or "
        + "prefill_thpt_per_gpu in thousands of tokens"
      : "prefill_ttft is probably in microseconds (milliseconds are needed), or "
        + "prefill_thpt_per_gpu counts something other than tokens/s of one GPU"
    return "The prefill profile contradicts itself: \(facts). \(meant)."
  }

  /// What is wrong with the units of decode points; nil for nothing.
  static func fault(of points: [DecodePoint], maximumKVTokens: Double) -> String? {
    let ratios = points.map { $0.batchingEfficiency(maximumKVTokens: maximumKVTokens) }
    guard let ratio = median(ratios), !decodeRange.contains(ratio), let point = points.last
    else { return nil }
    let sequences = point.concurrency(maximumKVTokens: maximumKVTokens)
    let facts =
      "at context \(Numbers.significant(point.contextLength)) the ITL is \(Numbers.significant(point.itlMilliseconds)) ms, "
      + "which with \(Numbers.significant(sequences)) sequences is "
      + "\(Numbers.significant(sequences * 1000 / point.itlMilliseconds)) tokens/s, but the throughput is "
      + "\(Numbers.significant(point.throughputPerGPU)) tokens/s/GPU"
    let meant =
      ratio < 1
      ? "z_itl is probably in seconds (milliseconds are needed), or z_thpt_per_gpu in thousands "
        + "of tokens"
      : "z_itl is probably in microseconds (milliseconds are needed), or max_kv_tokens in "
        + "thousands or blocks of tokens"
    return "The decode profile contradicts itself: \(facts). \(meant)."
  }

  private static func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    return sorted.isEmpty ? nil : sorted[sorted.count / 2]
  }
}
