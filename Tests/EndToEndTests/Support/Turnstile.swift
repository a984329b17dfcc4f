import Foundation
import Testing

/// Lets a few test cases through at a time. Each runs programs of its own, and a hundred at once on
/// two cores would run into the timeouts that they are tested for.
actor Turnstile: TestTrait, SuiteTrait, TestScoping {
  nonisolated let isRecursive = true
  private var free = 2 * ProcessInfo.processInfo.activeProcessorCount
  private var waiting: [CheckedContinuation<Void, Never>] = []

  nonisolated func scopeProvider(for test: Test, testCase: Test.Case?) -> Turnstile? {
    testCase == nil ? nil : self
  }

  nonisolated func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    await enter()
    do {
      try await function()
      await leave()
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}

extension Trait where Self == Turnstile {
  /// A few test cases of this suite run at a time.
  static var aFewAtATime: Self { Turnstile() }
}
