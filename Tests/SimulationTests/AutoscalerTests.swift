import Planning
import Testing

@testable import Simulation

struct AutoscalerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var says: String
    var component = Component.prefill
    var asked: Int
    var ready: Int
    var starting = 0
    var busy = 0.0
    var sequences = 0
    var wants: Int
    var testDescription: String { says }
  }

  /// Target 0.7, tolerance 0.1, 10 sequences a decode worker.
  @Test(
    "one step follows the arithmetic of the Kubernetes autoscaler",
    arguments: [
      Case(says: "⌈3.5 / 0.7⌉ = 5", asked: 4, ready: 4, busy: 3.5, wants: 5),
      Case(says: "3.0 / 2.8 is within the tolerance", asked: 4, ready: 4, busy: 3.0, wants: 4),
      Case(says: "2.6 / 2.8 is within the tolerance", asked: 4, ready: 4, busy: 2.6, wants: 4),
      Case(says: "⌈1.0 / 0.7⌉ = 2", asked: 4, ready: 4, busy: 1.0, wants: 2),
      Case(says: "an idle component keeps one", asked: 4, ready: 4, busy: 0, wants: 1),
      Case(
        says: "starting workers count as unused", asked: 6, ready: 4, starting: 2, busy: 4,
        wants: 6),
      Case(
        says: "it grows beyond starting ones when even they won't do", asked: 5, ready: 4,
        starting: 1, busy: 4, wants: 6),
      Case(
        says: "at most twice as many or four more", component: .decode, asked: 3, ready: 3,
        sequences: 1000, wants: 7),
      Case(
        says: "at most twice as many", component: .decode, asked: 10, ready: 10,
        sequences: 1000, wants: 20),
      Case(
        says: "⌈sequences / 10 / 0.7⌉", component: .decode, asked: 5, ready: 5, sequences: 45,
        wants: 7),
    ])
  func oneStep(_ given: Case) {
    var policy = UtilisationAutoscaler(
      name: "hpa", mode: given.component == .prefill ? .prefill : .decode, target: 0.7,
      sequencesPerReplica: 10)
    #expect(policy.targets(for: metrics(given, at: 0)) == [given.component: given.wants])
  }

  @Test("it shrinks only to the highest recommendation of the last five minutes")
  func stabilisation() {
    var policy = UtilisationAutoscaler(
      name: "hpa", mode: .prefill, target: 0.7, sequencesPerReplica: 10)
    func wanted(busy: Double, asked: Int, at time: Double) -> Int? {
      let given = Case(says: "", asked: asked, ready: asked, busy: busy, wants: 0)
      return policy.targets(for: metrics(given, at: time))[.prefill]
    }
    #expect(wanted(busy: 5.6, asked: 8, at: 0) == 8)
    #expect(wanted(busy: 2.1, asked: 8, at: 15) == 8)
    #expect(wanted(busy: 3.5, asked: 8, at: 150) == 8)
    #expect(wanted(busy: 2.1, asked: 8, at: 299) == 8)
    #expect(wanted(busy: 2.1, asked: 8, at: 300) == 5)
    #expect(wanted(busy: 2.1, asked: 5, at: 450) == 3)
  }

  @Test("it looks every 15 s")
  func period() {
    let policy = UtilisationAutoscaler(name: "hpa", mode: .disagg, sequencesPerReplica: 10)
    #expect(policy.nextLook(after: 0) == 15)
    #expect(policy.nextLook(after: 15) == 30)
    #expect(policy.nextLook(after: 16) == 30)
  }

  private func metrics(_ given: Case, at time: Double) -> ClusterMetrics {
    ClusterMetrics(
      time: time,
      deployment: DeploymentStatus(components: [
        given.component: ComponentStatus(replicas: given.asked, ready: given.ready)
      ]),
      usage: [
        given.component: ComponentUsage(
          ready: given.ready, starting: given.starting, busyWorkers: given.busy,
          sequences: given.sequences, kvUsage: 0)
      ])
  }
}
