import Foundation
import Planning
import Simulation
import Testing

@testable import Reporting

@Suite("Page of a simulation")
struct SimulationPageTests {
  @Test("policies are compared in a table, each linked to its own section")
  func policiesAreComparedInATable() throws {
    let run = try SimulationScene.run()
    let comparison = try SimulationScene.comparison(run, count: 3)
    let page = SimulationPage(comparison, of: run, title: "3 policies", notes: ["One & two."]).html
    for (index, row) in comparison.rows.enumerated() {
      #expect(page.contains("href=\"#policy-\(index + 1)\""))
      #expect(page.contains("<section id=\"policy-\(index + 1)\">"))
      for cell in row.dropFirst() { #expect(page.contains(">\(cell)</td>")) }
    }
    #expect(page.contains("id=\"pareto\""))
    #expect(page.contains(comparison.answer(keeping: 0.95)))
    for id in ["held", "within", "ttft", "itl"] {
      #expect(page.contains("<figure class=\"plot time\" id=\"all-\(id)\">"))
    }
    #expect(page.contains("One &amp; two."))
    let best = page.components(separatedBy: "class=\"best\"").count - 1
    #expect(best == comparison.paretoFront.count)
  }

  @Test("every name a plot refers to is there, once")
  func everyNameAPlotRefersToIsThere() throws {
    let run = try SimulationScene.run()
    let (result, moments) = try SimulationScene.planned(run)
    let pages = [
      SimulationPage(try SimulationScene.comparison(run, count: 3), of: run, title: "compared"),
      SimulationPage(
        PolicyComparison([result]), of: run, title: "planner",
        planner: SimulationScene.view(run, moments)),
    ]
    for page in pages.map(\.html) {
      let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
      #expect(Set(ids).count == ids.count)
      let names = page.matches(of: /aria-labelledby="([^"]+)"/)
        .flatMap { $0.1.split(separator: " ") }
      let referred = names + page.matches(of: /href="#([^"]+)"/).map(\.1)
      #expect(referred.count > 10)
      #expect(Set(referred.map(String.init)).subtracting(ids).isEmpty)
    }
  }

  @Test("a planner that is simulated alone also tells what it saw and why it decided so")
  func plannerThatIsSimulatedAlone()
    throws
  {
    let run = try SimulationScene.run()
    let (result, moments) = try SimulationScene.planned(run)
    let page = SimulationPage(
      PolicyComparison([result]), of: run, title: "planner",
      planner: SimulationScene.view(run, moments)
    ).html
    for heading in [
      "What became of the requests", "What the planner decided", "Traffic and forecast", "Latency",
      "Load regression of the newest decision", "Why it was decided so", "Last decisions",
    ] {
      #expect(page.contains("<h2>\(heading)</h2>"), "\(heading)")
    }
    #expect(page.contains("Time (h:mm:ss)"))
    #expect(!page.contains("2026-01-01"))
    #expect(page.contains(">0:59:00</td>"))
  }

  @Test("a trace that ends before anything was judged has a page all the same")
  func traceThatEndsBeforeAnythingWasJudged() throws {
    let run = try SimulationScene.run(hours: 0.02)
    let result = try run.result(of: FixedReplicas(name: "fixed"))
    var nothing = result
    nothing.policy = "a <b>"
    nothing.total.arrivals = 0
    nothing.intervals = []
    let page = SimulationPage(
      PolicyComparison([nothing, nothing]), of: run, title: "nothing"
    ).html
    #expect(page.contains("No request was judged."))
    #expect(page.contains("Nothing arrived in this time."))
    #expect(page.contains("a &lt;b&gt;"))
    #expect(SimulationPage(PolicyComparison([result]), of: run, title: "short").html.count > 1000)
  }

  @Test("twenty policies over a month stay below 2 MB")
  func twentyPoliciesOverAMonthStayBelow2MB() throws {
    let run = try SimulationScene.run(hours: 1)
    let one = try run.result(of: FixedReplicas(name: "fixed"))
    let long = SimulationResult(
      policy: one.policy, total: one.total,
      intervals: (0..<14_400).map { index in
        var interval = one.intervals[index % one.intervals.count]
        interval.start = run.end * Double(index) / 14_400
        interval.outcome.seconds = run.end / 14_400
        return interval
      })
    let page = SimulationPage(
      PolicyComparison(Array(repeating: long, count: 20)), of: run, title: "many"
    ).html
    #expect(page.utf8.count < 2_000_000, "\(page.utf8.count) bytes")
  }

  @Test("numbers of the Pareto plot keep apart and inside")
  func numbersOfTheParetoPlotKeepApart() throws {
    let any = try SimulationScene.run(hours: 0.02).result(of: FixedReplicas(name: "fixed"))
    func result(_ attainment: Double, _ gpuHours: Double) -> SimulationResult {
      var result = any
      result.total.arrivals = 1000
      result.total.good = Int(attainment * 1000)
      result.total.gpuHours = gpuHours
      return result
    }
    let points = [(0.9, 10.0), (0.905, 10.4), (0.9, 10), (1, 20), (0.95, 19.8), (0.2, 0)]
    let figure = ParetoFigure(PolicyComparison(points.map(result))).html
    let labels = figure.matches(of: /<text x="([-\d.]+)" y="([-\d.]+)">([\d, ]+)<\/text>/).map {
      (x: Double($0.1) ?? -1, y: Double($0.2) ?? -1, text: String($0.3))
    }
    #expect(labels.map(\.text) == ["1, 3", "2", "4", "5", "6"])
    for (index, label) in labels.enumerated() {
      let right = label.x + Double(label.text.count) * 7
      #expect(label.x >= PlotFrame.left && right <= PlotFrame.width)
      for other in labels[..<index] {
        let isBeside = label.x >= other.x + Double(other.text.count) * 7 || other.x >= right
        #expect(isBeside || (label.y - other.y).magnitude >= 10, "\(label) \(other)")
      }
    }
  }
}
