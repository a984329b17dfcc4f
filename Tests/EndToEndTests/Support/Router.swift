import Synchronization
import TestSupport

/// A router whose page a test can change.
final class Router: Sendable {
  /// How many samples ``Planner/scaleByLoad(of:)`` takes.
  static let samples = 6

  private let server: StandInServer
  private let answers: Answers

  private final class Answers: Sendable {
    let coming = Mutex<[StandInServer.Answer]>([.text("", status: 404)])

    /// The next one; the last one repeats.
    func next() -> StandInServer.Answer {
      coming.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
  }

  init() throws {
    let answers = Answers()
    self.answers = answers
    server = try StandInServer { _ in answers.next() }
  }

  /// Its metrics page.
  var url: String { server.url + "/metrics" }

  /// The requests that arrived, in that order.
  var requests: [StandInServer.Request] { server.requests }

  /// Answers with these in turn; the last one repeats.
  func answer(_ first: StandInServer.Answer, _ rest: StandInServer.Answer...) {
    answers.coming.withLock { $0 = [first] + rest }
  }

  /// Shows workers whose loads grow to those of `page`, sample by sample, so that one run sees
  /// enough of them to fit its regressions.
  func showLoadGrowing(to page: RouterPage) {
    answers.coming.withLock {
      $0 = (1...Self.samples).map { .text(page.scaled(by: $0, of: Self.samples).text) }
    }
  }

  func stop() { server.stop() }
}

extension Planner {
  /// Turns load-based scaling on.
  mutating func scaleByLoad(of router: Router) {
    flags["enable-loadbased-scaling"] = ""
    flags["loadbased-router-metrics-url"] = router.url
    flags["loadbased-metric-samples"] = "\(Router.samples)"
  }
}
