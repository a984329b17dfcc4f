import Invocation
import Planning
import Testing

@testable import Reporting

@Suite("What a report answers first")
struct ReportAnswerTests {
  private static let start = 1_772_409_600

  /// Decisions a minute apart on intervals of a minute: 600 requests of 3000 and 150 tokens, on 2
  /// prefill replicas of 1 GPU and 1 decode replica of 2.
  private func data(
    shares: [(ttft: Double?, itl: Double?)], held: Set<Int> = [], document: DecisionDocument? = nil
  ) -> ReportData {
    var heading = ReportScene.heading
    heading.askedShare = 0.95
    heading.gpusPerReplica = [.prefill: 1, .decode: 2]
    var data = ReportData(
      heading, span: Double(Self.start)...Double(Self.start + (shares.count + 1) * 60))
    for (index, share) in shares.enumerated() {
      let end = Self.start + index * 60
      data.add(
        TrafficObservation(
          intervalEnd: end, requestCount: 600, isl: 3000, osl: 150, ttftMilliseconds: 300,
          itlMilliseconds: 20, requestDurationSeconds: 4))
      for second in [5, 35] {
        var moment = ReportMoment(
          time: Double(end + second),
          components: [
            .prefill: .init(current: 2, final: 2, tokensPerSecondPerReplica: 20_000),
            .decode: .init(current: 1, final: 1, tokensPerSecondPerReplica: 2000),
          ], gpus: 4)
        moment.isHeld = held.contains(index)
        moment.attained = .init(
          intervalEnd: "\(end)", requestCount: 600, ttft: share.ttft, itl: share.itl)
        data.add(moment)
      }
    }
    data.decisions = [document].compactMap { $0 }
    return data
  }

  @Test("an interval's requests count once, however many decisions saw them")
  func shares() {
    let account = data(shares: [(1, 0.98), (0.8, nil), (1, 0.98)]).account
    #expect(abs((account.ttft.value ?? 0) - 2.8 / 3) < 1e-12)
    #expect(abs((account.itl.value ?? 0) - 0.98) < 1e-12)
  }

  @Test("a share is judged by what was asked for, in words and as a tile")
  func judged() {
    let answer = ReportAnswer(data(shares: [(1, 0.98), (0.8, 0.98), (1, 0.98)]))
    #expect(
      answer.sentences.contains(
        "Of the requests 93.3 % met the TTFT target and 98 % met the ITL target; 95 % were asked for: TTFT missed."
      ))
    let verdicts = answer.tiles.filter { $0.name.contains("asked 95 %") }.map(\.verdict)
    #expect(verdicts == [.bad, .good])
  }

  @Test("the least is the work over what a replica does, in whole replicas")
  func least() {
    // 600 × 3000 / 60 = 30,000 tokens/s need ⌈1.5⌉ = 2 replicas of 1 GPU, 1,500 need 1 of 2: 4 GPUs.
    let account = data(shares: [(1, 1), (1, 1), (1, 1)]).account
    // The first interval ended before any decision.
    #expect(abs(account.leastGPUHours - 2.0 * 4 * 60 / 3600) < 1e-12)
    #expect(abs(account.heldGPUHours - account.leastGPUHours) < 1e-12)
  }

  @Test("holds are counted until the next decision, and shaded")
  func holds() {
    let data = data(shares: Array(repeating: (1, 1), count: 4), held: [1])
    #expect(data.heldSeconds == 60)
    #expect(data.heldParts.contains(true) && data.heldParts.contains(false))
    #expect(ReportPlots(data).replicas.allSatisfy { $0.contains("class=\"held\"") })
  }

  @Test("the page begins with the last decision, and says what is wrong with it")
  func now() throws {
    let failed = try Scene.past(
      7, input: Scene.input(time: Double(Self.start + 61), blocks: 100), status: "failed",
      error: "etcd is gone"
    ).document
    let answer = ReportAnswer(data(shares: [(1, 1)], document: failed))
    #expect(answer.sentences.first?.hasSuffix("failed: etcd is gone") == true)
    #expect(answer.tiles.first?.verdict == .bad)
  }

  @Test("what is not known is not said")
  func unknown() {
    let answer = ReportAnswer(data(shares: []))
    #expect(answer.sentences == [])
    #expect(answer.tiles.isEmpty)
  }
}
