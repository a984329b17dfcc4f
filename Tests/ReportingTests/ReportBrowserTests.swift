import Foundation
import Simulation
import TestSupport
import Testing

@testable import Reporting

@Suite(
  "Report in a browser", .serialized,
  .enabled(
    if: ReportBrowser.isInstalled,
    "Chromium is not installed: 'scripts/install-packages tests' installs it."))
struct ReportBrowserTests {
  /// Writes the report to a folder of its own, which goes away with the value.
  final class File: Sendable {
    let url: URL

    init(_ html: String) throws {
      url = FileManager.default.temporaryDirectory
        .appendingPathComponent("report-\(UUID().uuidString).html")
      try Data(html.utf8).write(to: url)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
  }

  /// What a page has in it, measured by the browser.
  struct Measure: Decodable {
    var plots: Int
    var emptyPlots: Int
    var paths: Int
    var overflow: Double
    var cutTexts: Int
    var smallestText: Double
  }

  static let measure = """
    (() => {
      const charts = [...document.querySelectorAll("svg.chart")];
      const texts = charts.flatMap(chart => [...chart.querySelectorAll("text")].map(text => {
        const box = text.getBoundingClientRect(), frame = chart.getBoundingClientRect();
        return { cut: box.left < frame.left - 1 || box.right > frame.right + 1
          || box.bottom > frame.bottom + 1,
          size: parseFloat(getComputedStyle(text).fontSize) * frame.width / chart.viewBox.baseVal.width };
      }));
      return {
        plots: charts.length,
        emptyPlots: charts.filter(chart => ![...chart.querySelectorAll(
          ".line, circle, .quiet, .up, .down, .damped, .manual, .unsure, .alarm")].some(part => {
            const box = part.getBoundingClientRect();
            return box.width > 0 || box.height > 0;
          })).length,
        paths: document.querySelectorAll("svg.chart path").length,
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        cutTexts: texts.filter(text => text.cut).length,
        smallestText: Math.min(...texts.map(text => text.size)),
      };
    })()
    """

  /// A page with what is to be seen in it.
  struct Page: Sendable, CustomTestStringConvertible {
    var name: String
    var plots: Int
    var html: @Sendable () throws -> String
    var testDescription: String { name }
  }

  static let pages = [
    Page(name: "report", plots: 15) { ReportPage(try ReportScene.data(2880)).html },
    Page(name: "comparison", plots: 33) {
      let run = try SimulationScene.run()
      return SimulationPage(
        try SimulationScene.comparison(run, count: 4), of: run, title: "4 policies"
      ).html
    },
    Page(name: "simulated-planner", plots: 20) {
      let run = try SimulationScene.run()
      let (result, moments) = try SimulationScene.planned(run)
      return SimulationPage(
        PolicyComparison([result]), of: run, title: "planner",
        planner: SimulationScene.view(run, moments)
      ).html
    },
  ]

  /// What can be reached or looked at but has no name to be read out.
  static let nameless = """
    [...document.querySelectorAll("svg.chart, [tabindex], a, summary, table")].filter(part => {
      const text = id => document.getElementById(id)?.textContent ?? "";
      const name = part.getAttribute("aria-label") || (part.getAttribute("aria-labelledby") || "")
        .split(" ").map(text).join("") || part.textContent;
      return part.id !== "main" && name.trim() === "";
    }).map(part => part.outerHTML.slice(0, 80))
    """

  @Test(
    "it is drawn whole on phone and desktop, light and dark, and asks for nothing", arguments: pages
  )
  func isDrawnWholeOnPhoneAndDesktop(page: Page)
    async throws
  {
    let file = try File(page.html())
    let browser = try await ReportBrowser()
    var grounds: [String] = []
    for (width, isPhone) in [(390, true), (1280, false)] {
      for isDark in [false, true] {
        try await browser.open(file.url, width: width, isPhone: isPhone, isDark: isDark)
        let found = try JSONDecoder().decode(
          Measure.self, from: Data(try await browser.evaluate(Self.measure).utf8))
        #expect(found.plots == page.plots)
        #expect(found.emptyPlots == 0)
        #expect(found.paths > 100)
        #expect(found.overflow <= 0, "\(width) px")
        #expect(found.cutTexts == 0, "\(width) px")
        #expect(found.smallestText >= 10.5, "\(width) px")
        #expect(try await browser.evaluate(Self.nameless) == "[]", "\(width) px")
        grounds.append(
          try await browser.evaluate("getComputedStyle(document.body).backgroundColor"))
        try keep(
          try await browser.screenshot(),
          "\(page.name)-\(isPhone ? "phone" : "desktop")-\(isDark ? "dark" : "light")")
      }
    }
    #expect(Set(grounds).count == 2)
    #expect(try browser.complaints() == [])
    let requests = try browser.requests()
    #expect(Set(requests).subtracting(["data:,"]) == [file.url.absoluteString])
  }

  @Test("the arrow keys and the pointer read values off a plot")
  func arrowKeysAndThePointerReadValuesOffAPlot() async throws {
    let file = try File(ReportPage(try ReportScene.data(600)).html)
    let browser = try await ReportBrowser()
    try await browser.open(file.url, width: 1280, isPhone: false, isDark: false)
    let state =
      "[...document.querySelectorAll('#rate .at, #rate .v')].map(part => part.textContent)"
    let table =
      "[...document.querySelector('#rate tbody').rows].at(%).cells"
    func row(_ index: String) -> String {
      "[...\(table.replacing("%", with: index))].map(cell => cell.textContent)"
    }
    let newest = try await browser.evaluate(state)
    _ = try await browser.evaluate("document.querySelector('#rate svg.chart').focus()")
    try await browser.press("ArrowLeft")
    #expect(try await browser.evaluate(state) == browser.evaluate(row("-2")))
    try await browser.press("Home")
    #expect(try await browser.evaluate(state) == browser.evaluate(row("0")))
    let live = "document.querySelector('#rate .live').textContent"
    #expect(try await browser.evaluate(live).contains("observed"))
    try await browser.press("Escape")
    #expect(try await browser.evaluate(state) == newest)
    let hover = """
      (() => {
        const chart = document.querySelector('#rate svg.chart'), box = chart.getBoundingClientRect();
        chart.dispatchEvent(new PointerEvent('pointermove',
          { clientX: box.left + box.width / 2, clientY: box.top + 20 }));
        return chart.querySelector('.cursor').getAttribute('d').startsWith('M');
      })()
      """
    #expect(try await browser.evaluate(hover) == "true")
    #expect(try await browser.evaluate(state) != newest)
    #expect(try browser.complaints() == [])
  }

  @Test("the first Tab leads to the link past the heading")
  func firstTabLeadsToTheLinkPastTheHeading() async throws {
    let file = try File(ReportPage(try ReportScene.data(60)).html)
    let browser = try await ReportBrowser()
    try await browser.open(file.url, width: 390, isPhone: true, isDark: false)
    try await browser.press("Tab")
    #expect(try await browser.evaluate("document.activeElement.className") == "\"skip\"")
    #expect(
      try await browser.evaluate("document.activeElement.getBoundingClientRect().left") == "8")
  }

  @Test("a policy's name leads to its section by keyboard")
  func policysNameLeadsToItsSection() async throws {
    let run = try SimulationScene.run(hours: 0.2)
    let file = try File(
      SimulationPage(
        try SimulationScene.comparison(run, count: 3), of: run, title: "3 policies"
      ).html)
    let browser = try await ReportBrowser()
    try await browser.open(file.url, width: 390, isPhone: true, isDark: true)
    _ = try await browser.evaluate("document.querySelector('.policies tr:last-child a').focus()")
    try await browser.press("Enter")
    #expect(try await browser.evaluate("location.hash") == "\"#policy-3\"")
    #expect(try browser.complaints() == [])
  }

  /// Keeps a screenshot for people to look at, in the folder that REPORT_SCREENSHOTS names.
  private func keep(_ image: Data, _ name: String) throws {
    #expect(image.count > 10_000)
    guard let folder = ProcessInfo.processInfo.environment["REPORT_SCREENSHOTS"] else { return }
    try image.write(to: URL(fileURLWithPath: folder).appendingPathComponent("\(name).png"))
  }
}
