import Invocation
import Planning
import Presentation

/// The result of an audit, in the forms that people and CI systems read.
public struct AuditReport: Sendable {
  /// Every moment, in the order they were decided.
  public var cases: [AuditCase]
  /// The settings that differ from those of the newest recorded decision; nil where nobody looked.
  public var settings: [WhatIfText.Setting]?

  /// Creates a report.
  public init(cases: [AuditCase], settings: [WhatIfText.Setting]? = nil) {
    self.cases = cases
    self.settings = settings
  }

  /// Whether nothing differs that may not.
  public var passes: Bool { cases.allSatisfy(\.passes) }

  private var differing: [AuditCase] {
    cases.filter { $0.failure != nil || !$0.differences.isEmpty }
  }

  private var refused: Int { cases.count { !$0.passes } }

  /// What it comes to, one line.
  public var summary: String {
    let allowed = differing.count - refused
    let unjudged = Dictionary(grouping: cases.compactMap(\.unjudged)) { $0 }
    let judged = cases.count { $0.unjudged == nil }
    return
      "\(judged) decision\(judged == 1 ? "" : "s") audited: \(judged - differing.count) equal, \(allowed) different as allowed, \(refused) different."
      + unjudged.sorted { $0.key < $1.key }.map { why, cases in
        " \(cases.count) could not be decided again: \(why)."
      }.joined()
  }

  /// A readable diff and the summary.
  public var text: String {
    var lines: [String] = []
    for moment in differing {
      lines.append("\(moment.name), \(moment.time)\(moment.passes ? " (allowed)" : "")")
      if let failure = moment.failure { lines.append("  can't be decided: \(failure)") }
      for difference in moment.differences {
        lines.append(
          "  \(difference.component.rawValue) \(difference.what): \(difference.was) → \(difference.now)\(difference.isAllowed ? " (allowed)" : "")"
        )
      }
      for component in Set(moment.differences.map(\.component)).sorted() {
        if let why = moment.explanations[component] { lines.append("  now: \(why)") }
      }
    }
    return
      (lines + [differentSettings, differing.isEmpty ? nil : totals, summary].compactMap { $0 })
      .joined(separator: "\n")
  }

  private var differentSettings: String? {
    guard let settings, !settings.isEmpty else { return nil }
    return "Different settings: \(settings.map(\.text).joined(separator: ", "))."
  }

  private var totals: String? { AuditTotals(cases.compactMap(\.outcome)).text }

  /// One JSON object.
  public func json() throws -> String {
    struct Setting: Encodable {
      var option: String
      var was: String?
      var now: String?
    }
    struct GPUHours: Encodable {
      var was: Double
      var now: Double
    }
    struct Summary: Encodable {
      var schema = 1
      var audited: Int
      var equal: Int
      var allowed: Int
      var different: Int
      var passes: Bool
      var cases: [Case]
      var settings: [Setting]
      var gpuHours: GPUHours

      enum CodingKeys: String, CodingKey {
        case schema, audited, equal, allowed, different, passes, cases, settings
        case gpuHours = "gpu_hours"
      }
    }
    struct Case: Encodable {
      var name: String
      var time: String
      var passes: Bool
      var failure: String?
      var differences: [AuditCase.Difference]
    }
    let hours = AuditTotals(cases.compactMap(\.outcome)).gpuHours
    return try JSONText.encode(
      Summary(
        audited: cases.count, equal: cases.count - differing.count,
        allowed: differing.count - refused, different: refused, passes: passes,
        cases: differing.map {
          Case(
            name: $0.name, time: $0.time, passes: $0.passes, failure: $0.failure,
            differences: $0.differences)
        },
        settings: (settings ?? []).map { Setting(option: $0.option, was: $0.was, now: $0.now) },
        gpuHours: GPUHours(was: hours.was, now: hours.now)))
  }

  /// JUnit XML, a test case a decision.
  public var junit: String {
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites><testsuite name=\"sla-planner audit\" tests=\"\(cases.count)\" failures=\"\(refused)\">",
    ]
    for moment in cases {
      let attributes = "classname=\"audit\" name=\"\(Self.xml("\(moment.name), \(moment.time)"))\""
      guard !moment.passes else {
        lines.append("  <testcase \(attributes)/>")
        continue
      }
      lines.append("  <testcase \(attributes)>")
      lines.append(
        "    <failure message=\"\(Self.xml(Self.sentence(moment)))\"/>\n  </testcase>")
    }
    return (lines + ["</testsuite></testsuites>"]).joined(separator: "\n") + "\n"
  }

  /// Workflow commands of GitHub Actions, one error a decision that may not differ.
  public var gitHubAnnotations: [String] {
    cases.filter { !$0.passes }.map { moment in
      let title = Self.command("Audit: \(moment.name)").replacing(",", with: "%2C")
      return "::error title=\(title)::\(Self.command(Self.sentence(moment)))"
    }
  }

  private static func sentence(_ moment: AuditCase) -> String {
    if let failure = moment.failure { return "can't be decided: \(failure)" }
    return moment.differences.filter { !$0.isAllowed }.map {
      "\($0.component.rawValue) \($0.what) was \($0.was), would be \($0.now)"
    }.joined(separator: "; ")
  }

  private static func xml(_ text: String) -> String {
    Markup.escaped(text.replacing("\n", with: " "))
  }

  private static func command(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }
}
