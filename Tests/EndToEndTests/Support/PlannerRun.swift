import Foundation
import Invocation
import Planning
import TestSupport
import Testing

/// What one run of the program left behind.
struct PlannerRun: Sendable {
  let exit: ChildProcess.Exit
  let output: String
  let errorOutput: String

  /// The decision on standard output, which has to be one line of JSON and nothing else.
  func document(sourceLocation: SourceLocation = #_sourceLocation) throws -> DecisionDocument {
    try #require(
      output.hasSuffix("}\n") && output.dropLast().allSatisfy { $0 != "\n" },
      "not one line of JSON: \(self)", sourceLocation: sourceLocation)
    return try JSONText.decode(DecisionDocument.self, from: output)
  }

  /// The decision after a run that must have gone well.
  func decided(
    _ status: DecisionStatus, exit expected: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> DecisionDocument {
    #expect(exit == .code(expected), "\(self)", sourceLocation: sourceLocation)
    let document = try document(sourceLocation: sourceLocation)
    #expect(document.status == status, "\(output)", sourceLocation: sourceLocation)
    return document
  }

  /// Expects a refusal: the exit code, an empty standard output, and one error line with `words`.
  func refused(
    _ code: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(exit == .code(code), "\(self)", sourceLocation: sourceLocation)
    #expect(output.isEmpty, sourceLocation: sourceLocation)
    let errors = errorOutput.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
    #expect(errors.count == 1, "\(errorOutput)", sourceLocation: sourceLocation)
    for word in words {
      #expect(errorOutput.contains(word), sourceLocation: sourceLocation)
    }
  }
}
