import Invocation
import Testing

@testable import Application

@Suite("The checklist of validate")
struct ChecklistTests {
  private let good = Check("configuration", .ok, "Mode disagg.")
  private let poor = Check("permission", .warning, "Not quite.")
  private let denied = Check("lease", CommandFailure(.permissionDenied, "Not allowed."))
  private let away = Check("Prometheus", CommandFailure(.unreachable, "Gone."))

  @Test("passes with warnings, and says so")
  func passing() {
    let list = Checklist(checks: [good, poor])
    #expect(list.passes)
    #expect(list.exitCode == 0)
    #expect(
      list.text == """
        ok       configuration  Mode disagg.
        warning  permission     Not quite.

        A run would work.
        """)
  }

  @Test("exits with the code of the first failure")
  func failing() {
    let list = Checklist(checks: [good, denied, away])
    #expect(!list.passes)
    #expect(list.exitCode == 77)
    #expect(list.text.contains("FAILED   lease          Not allowed."))
    #expect(list.text.hasSuffix("A run would not work: mend the 2 that failed, from the top."))
    #expect(
      Checklist(checks: [away]).text.hasSuffix("A run would not work: mend what failed."))
    #expect(Checklist(checks: [away]).exitCode == 69)
  }

  @Test("is one JSON object for programs")
  func json() throws {
    #expect(
      try JSONText.encode(Checklist(checks: [good, away]))
        == #"{"checks":[{"detail":"Mode disagg.","exit_code":null,"name":"configuration","status":"ok"},{"detail":"Gone.","exit_code":69,"name":"Prometheus","status":"failed"}],"exit_code":69,"passes":false,"schema":1}"#
    )
  }

  @Test("what is thrown is a failure with its class")
  func thrown() async {
    let check = await Check.of("deployment") { throw ConnectorError.misconfigured("Wrong name.") }
    #expect(check.status == .failed)
    #expect(check.exitCode == 78)
    #expect(check.detail == "Wrong name.")
  }
}
