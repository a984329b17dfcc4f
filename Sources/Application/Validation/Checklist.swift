import Invocation

/// One thing that a run needs, and whether it is there.
package struct Check: Encodable, Sendable {
  package enum Status: String, Encodable, Sendable {
    /// It is as it should be.
    case ok
    /// A run works, but less well than it could, or not at this moment.
    case warning
    /// A run would fail, or decide nothing.
    case failed
    /// It can't be checked before something else is mended.
    case skipped
  }

  let name: String
  let status: Status
  /// What was found and, where that is not enough, what to do.
  let detail: String
  /// What a run that this fails would exit with; null for anything but a failure.
  @ExplicitNull var exitCode: Int32?

  private enum CodingKeys: String, CodingKey {
    case name, status, detail
    case exitCode = "exit_code"
  }

  init(_ name: String, _ status: Status, _ detail: String) {
    self.name = name
    self.status = status
    self.detail = detail
    _exitCode = ExplicitNull(wrappedValue: nil)
  }

  package init(_ name: String, _ failure: CommandFailure) {
    self.name = name
    status = .failed
    detail = failure.description
    _exitCode = ExplicitNull(wrappedValue: failure.code.rawValue)
  }

  /// The check that `body` makes; what it throws is a failure.
  static func of(_ name: String, _ body: () async throws -> Check) async -> Check {
    do { return try await body() } catch { return Check(name, CommandFailure(error)) }
  }

  /// An outcome that is good unless there is something to say of it.
  package static func of(_ name: String, _ detail: String, oddities: [String]) -> Check {
    oddities.isEmpty
      ? Check(name, .ok, detail)
      : Check(name, .warning, ([detail] + oddities).joined(separator: " "))
  }
}

/// Everything that a run needs, in the order in which it needs it.
package struct Checklist: Encodable {
  package let checks: [Check]

  package init(checks: [Check]) { self.checks = checks }

  private enum CodingKeys: String, CodingKey {
    case schema, passes, checks
    case exitCode = "exit_code"
  }

  /// Whether a run would work.
  package var passes: Bool { exitCode == 0 }

  /// 0, or the exit code of the first failure.
  package var exitCode: Int32 { checks.lazy.compactMap(\.exitCode).first ?? 0 }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(1, forKey: .schema)
    try container.encode(passes, forKey: .passes)
    try container.encode(exitCode, forKey: .exitCode)
    try container.encode(checks, forKey: .checks)
  }

  /// The list as people read it, without a line end after the last line.
  package var text: String {
    let width = checks.map(\.name.count).max() ?? 0
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let lines = checks.map { check in
      let status = check.status == .failed ? "FAILED" : check.status.rawValue
      return "\(padded(status, 7))  \(padded(check.name, width))  \(check.detail)"
    }
    let failures = checks.count { $0.status == .failed }
    let verdict =
      passes
      ? "A run would work."
      : "A run would not work: mend \(failures == 1 ? "what failed" : "the \(failures) that failed, from the top")."
    return (lines + ["", verdict]).joined(separator: "\n")
  }
}
