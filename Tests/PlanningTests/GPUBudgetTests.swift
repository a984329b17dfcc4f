// The property names inside the tests are those of the reference file.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Planning
import TestSupport
import Testing

@Suite("GPU budget")
struct GPUBudgetTests {
  static func budget(
    _ gpus: Int?, prefillGPUs: Int = 1, decodeGPUs: Int = 1, minimum: Int = 1,
    mode: DeploymentMode = .disagg
  ) -> GPUBudget {
    GPUBudget(
      PlanningPolicy(
        mode: mode, targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 50),
        minimumReplicas: minimum, gpuBudget: gpus,
        gpusPerReplica: [.prefill: prefillGPUs, .decode: decodeGPUs]))
  }

  @Test("no budget limits nothing")
  func noBudgetLimitsNothing() throws {
    let wanted: [Component: Int] = [.prefill: 1_000_000, .decode: 1_000_000]
    #expect(try Self.budget(nil).limit(wanted) == wanted)
  }

  @Test("what fits is left alone")
  func whatFitsIsLeftAlone() throws {
    #expect(
      try Self.budget(8).limit([.prefill: 3, .decode: 5]) == [.prefill: 3, .decode: 5])
  }

  @Test("both shrink in proportion and decode gets the rest")
  func bothShrinkInProportion() throws {
    #expect(try Self.budget(8).limit([.prefill: 6, .decode: 10]) == [.prefill: 3, .decode: 5])
  }

  // Departure 16: the original gives decode 4 although 1 was wanted.
  @Test("decode never gets more than it asked for, and the rest goes back to prefill")
  func decodeNeverGetsMoreThanItAsked() throws {
    let limited = try Self.budget(8, prefillGPUs: 4).limit([.prefill: 2, .decode: 1])
    #expect(limited == [.prefill: 1, .decode: 1])
    #expect(
      try Self.budget(8, decodeGPUs: 4).limit([.prefill: 9, .decode: 1])
        == [.prefill: 4, .decode: 1])
  }

  // Departure 16: a floating-point floor loses a replica (22 wanted, budget 15 → 14).
  @Test("one component gets all that fits")
  func oneComponentGetsAllThatFits() throws {
    for wanted in 16...200 {
      #expect(
        try Self.budget(15, mode: .prefill).limit([.prefill: wanted]) == [.prefill: 15])
    }
    #expect(
      try Self.budget(15, decodeGPUs: 4, mode: .decode).limit([.decode: 22]) == [.decode: 3])
  }

  // Departure 16: the original returns (0, 0) and takes a live service down.
  @Test("a budget below the minimum is an error, never zero")
  func budgetBelowTheMinimumIsAnError() {
    #expect(
      throws: PlanningError.budgetBelowMinimum(budget: 5, needed: 6, minimumReplicas: 2)
    ) {
      try Self.budget(5, prefillGPUs: 2, minimum: 2).limit([.prefill: 4, .decode: 4])
    }
    #expect(throws: PlanningError.self) { try Self.budget(0).limit([:]) }
  }

  @Test("never above the budget, never above what is wanted, never below the minimum")
  func neverAboveTheBudget() throws {
    for prefillGPUs in [1, 2, 3, 8] {
      for decodeGPUs in [1, 3, 4] {
        for minimum in [1, 2, 3] {
          let least = minimum * (prefillGPUs + decodeGPUs)
          for gpus in least...(least + 23) {
            let budget = Self.budget(
              gpus, prefillGPUs: prefillGPUs, decodeGPUs: decodeGPUs, minimum: minimum)
            for prefill in minimum...(minimum + 9) {
              for decode in [minimum, minimum + 1, minimum + 7, 1000] {
                let limited = try budget.limit([.prefill: prefill, .decode: decode])
                let p = try #require(limited[.prefill])
                let d = try #require(limited[.decode])
                #expect(p * prefillGPUs + d * decodeGPUs <= gpus)
                #expect((minimum...prefill).contains(p) && (minimum...decode).contains(d))
              }
            }
          }
        }
      }
    }
  }

  @Test("absurd counts saturate instead of overflowing")
  func absurdCountsSaturateInstead() throws {
    let budget = Self.budget(100, prefillGPUs: 8, decodeGPUs: 8)
    let limited = try budget.limit([.prefill: .max / 2, .decode: .max / 2])
    #expect((limited[.prefill] ?? 0) + (limited[.decode] ?? 0) == 12)
    #expect(budget.gpusHeld(by: [.prefill: .max, .decode: .max]) == .max)
  }

  // Rows: prefill, decode, prefill GPUs, decode GPUs, minimum, budget, then the original's results:
  // both together (prefill, decode), and each alone.
  @Test("equals the reference but for its mistakes")
  func equalsTheReference() throws {
    struct File: Decodable { let budget_cases: [[Int]] }
    let file = try Fixture.json(File.self, "golden/decisions_throughput.json")
    var equal = 0
    for row in file.budget_cases {
      let budget = Self.budget(
        row[5] < 0 ? nil : row[5], prefillGPUs: row[2], decodeGPUs: row[3], minimum: row[4])
      let wanted: [Component: Int] = [
        .prefill: max(row[0], row[4]), .decode: max(row[1], row[4]),
      ]
      guard let limited = try? budget.limit(wanted) else {
        #expect(row[5] < row[4] * (row[2] + row[3]), "an error only below the minimum")
        continue
      }
      let isEqual = limited == [.prefill: row[6], .decode: row[7]]
      if isEqual { equal += 1 }
      let peerGaveDecodeTooMuch = row[7] > wanted[.decode] ?? 0
      let peerLeftGPUsFree =
        row[6] * row[2] + row[7] * row[3] < budget.gpusHeld(by: limited)
      let peerIgnoredMinimum = row[6] < row[4] || row[7] < row[4]
      #expect(
        isEqual || peerGaveDecodeTooMuch || peerLeftGPUsFree || peerIgnoredMinimum,
        "row \(row): \(limited)")
    }
    #expect(equal == 182)
  }
}
