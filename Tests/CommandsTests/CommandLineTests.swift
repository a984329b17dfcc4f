import ArgumentParser
import Settings
import Testing

@testable import Commands

@Suite("Command lines")
struct CommandLineTests {
  /// A number that can't be, as two arguments and as one.
  private func messages<Command: ParsableCommand>(
    _ command: Command.Type, _ flag: String, operands: [String] = []
  ) -> [String] {
    [[flag, "-3"], ["\(flag)=-3"]].map { arguments in
      do {
        _ = try command.parse(operands + arguments)
        return ""
      } catch {
        return command.message(for: error)
      }
    }
  }

  @Test(
    "a negative number is refused for what it is, not as a missing value",
    arguments: ["--isl", "--osl", "--concurrency", "--ttft", "--itl"])
  func negativeQuestions(flag: String) {
    for message in messages(ProfileShowCommand.self, flag, operands: ["results"]) {
      #expect(message.hasPrefix("\(flag) is a number ") && message.contains("not -3"))
    }
  }

  @Test(
    "a negative setting of a predictor is refused for what it is",
    arguments: [
      "--adjustment-interval", "--prophet-window-size", "--kalman-q-level",
      "--kalman-q-trend", "--kalman-r", "--kalman-min-points", "--forecast-quantile",
      "--startup-delay",
    ])
  func negativeSettings(flag: String) {
    for message in messages(ForecastCommand.self, flag) {
      #expect(message.hasPrefix("\(flag) is '-3', but has to be "))
    }
  }

  @Test("a negative index is refused for what it is")
  func negativeIndex() {
    for message in messages(ForecastCommand.self, "--rolling") {
      #expect(message.hasPrefix("--rolling is ") && message.contains("not -3"))
    }
  }

  @Test("forecast takes its options from the table of run, and the predictor by a short name too")
  func forecastOptions() throws {
    let command = try ForecastCommand.parse(["--predictor", "kalman", "--kalman-r", "2"])
    #expect(command.options.layer == ["load-predictor": "kalman", "kalman-r": "2"])
    let names = OptionSection(of: ForecastSettings.self).options.map(\.name)
    #expect(Set(names).subtracting(OptionTable.options.map(\.name)) == [])
  }

  @Test("a negative limit is refused for what it is")
  func negativeLimits() {
    let all = messages(HistoryCommand.self, "--limit") + messages(AuditCommand.self, "--limit")
    #expect(all == [String](repeating: "--limit is at least 0, not -3.", count: 4))
  }
}
