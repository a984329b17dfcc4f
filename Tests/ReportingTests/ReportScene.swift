import Forecasting
import Invocation
import Planning

@testable import Reporting

/// Reports of made-up traffic: a daily wave with a few jolts, gaps and scale-ups.
enum ReportScene {
  /// 2026-03-02T00:00:00Z.
  static let start = 1_772_409_600

  static let heading = ReportHeading(
    title: "default/demo", mode: .disagg,
    targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 40), gpuBudget: 24,
    intervalSeconds: 60)

  /// Requests of the interval that ends `index` intervals after the start, always the same.
  static func requests(_ index: Int) -> Double {
    let phase = Double(index % 1440) / 1440
    let wave = 1 - (2 * phase - 1) * (2 * phase - 1)
    let noise = Double((index &* 2_654_435_761) >> 7 & 1023) / 1024
    let jolt = index % 977 < 12 ? 260.0 : 0
    return 120 + 700 * wave * wave + 90 * noise + jolt
  }

  static func observation(_ index: Int) -> TrafficObservation {
    let count = requests(index)
    return TrafficObservation(
      intervalEnd: start + index * 60, requestCount: count, isl: 2900 + count / 4,
      osl: 160 - count / 20, ttftMilliseconds: 160 + count * count / 2500,
      itlMilliseconds: 18 + count / 55, requestDurationSeconds: 4)
  }

  static func moment(_ index: Int) -> ReportMoment {
    func needed(_ index: Int, _ capacity: Double) -> Int {
      Int((requests(max(0, index)) / capacity).rounded(.up))
    }
    func counts(_ capacity: Double) -> ReportMoment.Counts {
      let (now, before) = (needed(index, capacity), needed(index - 1, capacity))
      let isBusy = index % 977 < 12
      return ReportMoment.Counts(
        current: before, throughput: now, floor: now, final: now + (isBusy ? 1 : 0),
        reasons: DecisionReasons(
          throughput: now > before ? .scaleUp : now < before ? .scaleDown : .noChange,
          load: isBusy ? .overload : index % 400 < 30 ? .insufficientData : .noChange,
          budget: isBusy ? .limited : .withinBudget))
    }
    let (prefill, decode) = (counts(140), counts(220))
    return ReportMoment(
      time: Double(start + index * 60 + 1), isChange: prefill.final != prefill.current,
      components: [.prefill: prefill, .decode: decode],
      gpus: (prefill.final ?? 0) + 2 * (decode.final ?? 0),
      slowdown: EngineSlowdown(
        prefill: 1 + requests(index) / 4000, decode: 1.1 - requests(index) / 9000),
      forecast: .init(
        intervalEnd: start + (index + 1) * 60, predictor: "kalman",
        requestCount: requests(index) * 0.7 + requests(max(0, index - 1)) * 0.3,
        isl: 2900 + requests(index) / 4, osl: 160 - requests(index) / 20))
  }

  /// `count` intervals; a stretch in the middle was never observed.
  static func data(_ count: Int, heading: ReportHeading = heading) throws -> ReportData {
    var data = ReportData(
      heading, span: Double(start)...Double(start + (count + 1) * 60))
    let dark = count / 2..<count / 2 + count / 24
    for index in 0..<count where !dark.contains(index) {
      data.add(observation(index))
      data.add(moment(index))
    }
    data.regressions = regressions
    data.decisions = try decisions(20)
    return data
  }

  static var regressions: [ReportRegression] {
    func regression(_ latency: LoadSide.Latency, _ scale: Double, _ target: Double)
      -> ReportRegression
    {
      var learned = LoadRegression()
      for index in 0..<50 {
        let load = Double((index * 37) % 50 + 3) * scale
        let noise = Double((index * 7919) % 100) / 100 - 0.5
        learned.add(
          LoadPoint(
            load: load, latencyMilliseconds: target * (0.3 + load / scale / 60 + noise * 0.12)),
          window: 50)
      }
      return ReportRegression(
        latency: latency, points: learned.points,
        bound: learned.bound(targetMilliseconds: target, minimumObservations: 5),
        targetMilliseconds: target,
        workers: learned.points.suffix(3))
    }
    return [regression(.ttft, 400, 500), regression(.itl, 24, 40)]
  }

  static func decisions(_ count: Int) throws -> [DecisionDocument] {
    try (1...count).reversed().map { id in
      let input = Scene.input(
        time: Double(start + id * 60 + 1), blocks: Double(id * 37 % 40) * 50)
      let hasFailed = id == count - 3
      return try Scene.past(
        id, input: input, status: hasFailed ? "failed" : nil,
        error: hasFailed ? "etcd is gone" : nil
      ).document
    }
  }
}
