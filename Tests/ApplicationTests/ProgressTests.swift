import Testing

@testable import Application

@Suite("Progress")
struct ProgressTests {
  @Test(
    "what is left follows from what was done",
    arguments: [
      (3, 12, 10.0, "simulated 3 of 12, 30 s left"), (12, 12, 10, "simulated 12"),
      (5, 0, 10, "simulated 5"), (1, 1000, 10, "simulated 1 of 1000, 2 h 47 min left"),
    ])
  func text(done: Int, total: Int, elapsed: Double, expected: String) {
    let text = Progress.text("simulated", done: done, total: total, elapsedSeconds: elapsed)
    #expect(text == expected)
  }
}
