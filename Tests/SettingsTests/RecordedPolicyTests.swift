import Planning
import Testing

@testable import Settings

@Suite("A recorded policy with some options changed")
struct RecordedPolicyTests {
  /// Settings of every kind, as flags.
  static let settings: [[String: String]] = [
    ["ttft": "300", "itl": "20.5", "max-gpu-budget": "24", "min-endpoint": "2"],
    [
      "sizing": "capacity", "no-correction": "true", "adjustment-interval": "60",
      "max-gpu-budget": "-1",
    ],
    ["sizing": "sla", "sla-quantile": "0.9", "backlog-drain-seconds": "30", "mode": "decode"],
    [
      "mode": "agg", "enable-throughput-scaling": "false", "enable-loadbased-scaling": "true",
      "loadbased-router-metrics-url": "http://r/metrics", "loadbased-agreeing-samples": "3",
    ],
    [
      "enable-loadbased-scaling": "true", "loadbased-router-metrics-url": "http://r/metrics",
      "sizing": "capacity", "loadbased-learning-window": "9", "loadbased-warm-up": "12",
    ],
    [
      "scale-down-stabilization": "77", "max-scale-up-step": "3", "max-scale-down-step": "1",
      "hold-limit": "600", "hold-fallback": "2,8", "decode-engine-num-gpu": "4",
    ],
  ]

  private func policy(_ flags: [String: String]) throws -> PlanningPolicy {
    try RunSettings.resolve(
      flags: flags.merging(["environment": "virtual"]) { $1 }, environment: [:]
    ).settings.policy()
  }

  @Test("without a change it is the policy it was", arguments: settings)
  func unchanged(flags: [String: String]) throws {
    let policy = try policy(flags)
    let recorded = RecordedPolicy(policy)
    #expect(try recorded.policy(with: [:]) == policy)
    #expect(recorded.differences(from: RecordedPolicy(policy)) == [])
  }

  @Test("only what is named differs, and the difference is told", arguments: settings)
  func changed(flags: [String: String]) throws {
    let policy = try policy(flags)
    let recorded = RecordedPolicy(policy)
    let changes = try RecordedPolicy.changes(["max-gpu-budget=12"])
    var expected = policy
    expected.gpuBudget = 12
    let other = try recorded.policy(with: changes)
    #expect(other == expected)
    #expect(
      RecordedPolicy(other).differences(from: recorded) == [
        SettingDifference(option: "max-gpu-budget", was: "\(policy.gpuBudget ?? -1)", now: "12")
      ])
  }

  @Test("a value is refused as the option would be, a name with what was probably meant")
  func refused() throws {
    let recorded = RecordedPolicy(try policy([:]))
    #expect(throws: SettingsError.self) { try recorded.policy(with: ["ttft": "-3"]) }
    #expect { try RecordedPolicy.changes(["max-gpu-budgett=1"]) } throws: {
      "\($0)".contains("did you mean max-gpu-budget?")
    }
    #expect { try RecordedPolicy.changes(["load-predictor=kalman"]) } throws: {
      "\($0)".contains("does not rest on it")
    }
    #expect { try RecordedPolicy.changes(["ttft"]) } throws: { "\($0)".contains("NAME=VALUE") }
  }
}
