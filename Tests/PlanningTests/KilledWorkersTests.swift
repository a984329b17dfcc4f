import Planning
import Testing

@Suite("A worker that is registered and shows no gauges")
struct KilledWorkersTests {
  private static let silent = WorkerGauges(
    workerID: "1", component: .decode, activePrefillTokens: 0, activeDecodeBlocks: 0)
  private static let serving = Given.decode([0, 100])[1]

  private static func live(
    _ workers: [WorkerGauges], at time: Double, _ state: inout LoadState
  ) -> Int {
    let samples = state.live([WorkerSample(time: time, workers: workers)])
    state.learn(from: samples, mode: .disagg, policy: LoadPolicy())
    return samples[0].workers.count
  }

  @Test("is idle if it never had any")
  func idle() {
    var state = LoadState()
    #expect(Self.live([Self.silent], at: 100, &state) == 1)
    #expect(Self.live([Self.silent], at: 160, &state) == 1)
  }

  @Test("was killed if it had some, until its registration would have ended")
  func killed() {
    var state = LoadState()
    #expect(Self.live([Self.serving], at: 100, &state) == 1)
    #expect(Self.live([Self.silent], at: 105, &state) == 0)
    #expect(Self.live([Self.silent], at: 134, &state) == 0)
    #expect(Self.live([Self.silent], at: 135, &state) == 1)
    #expect(Self.live([Self.serving], at: 140, &state) == 1)
    #expect(Self.live([Self.silent], at: 145, &state) == 0)
  }

  @Test("was killed between two samples of one run, too")
  func withinARun() {
    var state = LoadState()
    let samples = state.live([
      WorkerSample(time: 100, workers: [Self.serving]),
      WorkerSample(time: 105, workers: [Self.silent]),
    ])
    #expect(samples.map(\.workers.count) == [1, 0])
  }
}
