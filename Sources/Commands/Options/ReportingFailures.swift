import Application
import ArgumentParser

/// Runs `body`; a failure is written to stderr as one line and becomes the exit code.
func reportingFailures(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
) async throws {
  do {
    try await body()
  } catch let code as ExitCode {
    throw code
  } catch {
    let failure = CommandFailure(error)
    printError("Error: \(failure)")
    throw ExitCode(failure.code.rawValue)
  }
}
