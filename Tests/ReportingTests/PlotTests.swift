import Forecasting
import Planning
import Testing

@testable import Reporting
@testable import Simulation

@Suite("Plots as files")
struct PlotTests {
  private func result(_ name: String, attainment: Double, gpuHours: Double) -> SimulationResult {
    let good = Int(attainment * 1000)
    return SimulationResult(
      policy: name,
      total: Outcome(
        seconds: 3600, arrivals: 1000, refused: 0, unfinished: 0, good: good, goodTTFT: good,
        goodITL: 1000, ttft: nil, itl: nil, gpuHours: gpuHours, changes: [.decode: 6],
        failedStarts: 0), intervals: [])
  }

  @Test(
    "the picture is well formed for any series",
    arguments: [[1.0, 2], [0, 0, 0], [5, 1e300, 0, 3], [3, 3, 3, 3, 3, 3]])
  func thePictureIsWellFormedForAnySeries(_ values: [Double]) {
    let backtest = ForecastBacktest(
      of: values, from: 1, settings: PredictorSettings(kind: .kalman))
    let svg = ForecastPlot(
      values: values, backtests: [("kalman", backtest)], title: "a < b & c"
    ).svg
    #expect(svg.contains("class=\"band\""))
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("a &lt; b &amp; c"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test("several predictors are drawn over each other, each named, without intervals")
  func severalPredictors() {
    let values = (0..<30).map { 10 + Double($0 % 7) }
    let backtests = PredictorKind.allCases.map { kind in
      (
        name: kind.rawValue,
        backtest: ForecastBacktest(of: values, from: 5, settings: PredictorSettings(kind: kind))
      )
    }
    let svg = ForecastPlot(values: values, backtests: backtests, title: "all").svg
    let checker = WellFormed()
    #expect(checker.check(svg))
    #expect(checker.elements["polyline"] == backtests.count + 1)
    #expect(checker.elements["polygon"] == nil)
    for kind in PredictorKind.allCases { #expect(svg.contains(">\(kind.rawValue)</text>")) }
  }

  @Test("the plot is well-formed XML with a point and a legend line a policy, names escaped")
  func plot() throws {
    let comparison = PolicyComparison([
      result("a <b> & \"c\"", attainment: 0.9, gpuHours: 10),
      result("hpa", attainment: 0.8, gpuHours: 0),
      result("z", attainment: 0.999, gpuHours: 1e6),
    ])
    let svg = ParetoPlot(comparison, title: "Mooncake × 16").svg
    let checker = WellFormed()
    #expect(checker.check(svg))
    #expect(checker.elements["circle"] == 3)
    #expect(svg.contains("a &lt;b&gt; &amp; &quot;c&quot;"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    #expect(WellFormed().check(ParetoPlot(PolicyComparison([]), title: "nothing").svg))
  }

  @Test(
    "ticks enclose the values and are round",
    arguments: [
      (0.0, 1.0), (0, 0.003), (0, 7), (50, 100), (99.2, 100), (0, 123_456), (0, 1e-9),
    ])
  func ticks(low: Double, high: Double) {
    let ticks = NumberAxis(low: low, high: high).ticks
    #expect(ticks.count >= 2 && ticks.count <= 9)
    #expect(ticks[0] <= low && ticks[ticks.count - 1] >= high - 1e-9)
  }
}

/// Whether text is well-formed XML, and which elements it has: tags close in order, attributes are
/// quoted, no bare ampersand. (FoundationXML would bring libxml2 in for this alone.)
private final class WellFormed {
  var elements: [String: Int] = [:]

  func check(_ text: String) -> Bool {
    var open: [String] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      guard validText(rest[..<start]), let end = rest[start...].firstIndex(of: ">") else {
        return false
      }
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { return false }
      } else {
        let name = String(tag.prefix { $0 != " " && $0 != "/" })
        elements[name, default: 0] += 1
        guard tag.count(where: { $0 == "\"" }) % 2 == 0 else { return false }
        if !tag.hasSuffix("/") { open.append(name) }
      }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty && validText(rest)
  }

  private func validText(_ text: Substring) -> Bool {
    text.split(separator: "&", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
      ["amp;", "lt;", "gt;", "quot;"].contains { part.hasPrefix($0) }
    }
  }
}
