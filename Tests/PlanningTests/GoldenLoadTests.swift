import Planning
import TestSupport
import Testing

/// Every tick of the reference is decided again. Where the result differs, the difference must be
/// one that docs/design/rules.md makes on purpose; each has its label here.
@Suite("Load decisions of the original planner")
struct GoldenLoadTests {
  enum Difference: String, CaseIterable {
    /// Departure 22: the original decides again on the samples of an earlier invocation.
    case decidedOnOldSamples
    /// "Which workers count" (rules.md): a different worker count stops every decision of the original, for both
    /// components; ours never shrinks, but grows when at least half are seen and all are above.
    case workerCountMismatch
    /// Departure 23: without a significant positive slope the original takes the smallest load
    /// within the target, ours the largest.
    case insignificantSlope
    /// Departure 26: overload is not a reason to do nothing.
    case overload
    /// Departure 28: minimum, floor and budget hold in every invocation.
    case limitsAlwaysHold
    /// Departure 16: the original's budget gives decode what it never asked for, or nothing to
    /// anybody, and takes away what one component has to let another grow.
    case budgetArithmetic
    /// Departure 16: a budget that can't hold the minimum is an error, and nothing changes.
    case budgetBelowMinimum
    /// Departure 27: a worker without the load gauge is missing, not idle: neither decided on as
    /// 0 nor learned from as 0.
    case missingGauge
    /// Departure 29: a cold TTFT regression does not stop an idle aggregated worker from going.
    case coldSide
  }

  @Test("equals the reference but for the listed differences")
  func equalsTheReference() throws {
    let file = try Fixture.json(GoldenLoadFile.self, "golden/decisions_load.json")
    var decided = 0
    var counts: [Difference: Int] = [:]
    for golden in file.cases + file.sequences {
      var state = golden.seededState
      var sawMissingGauge = false
      for (index, tick) in golden.ticks.enumerated() {
        sawMissingGauge = sawMissingGauge || tick.lacksGauge(golden.mode)
        let replay = Replay(
          golden: golden, tick: tick, index: index, sawMissingGauge: sawMissingGauge,
          state: &state)
        for component in golden.mode.components {
          decided += 1
          guard let difference = replay.difference(component) else { continue }
          counts[difference.kind, default: 0] += 1
          #expect(
            difference.isExplained, "\(golden.mode) \(golden.tag) tick \(index): \(difference)")
        }
      }
    }
    #expect(decided == 402)
    #expect(
      counts == [
        .limitsAlwaysHold: 52, .insignificantSlope: 7, .workerCountMismatch: 15,
        .budgetArithmetic: 4, .budgetBelowMinimum: 8, .decidedOnOldSamples: 10,
        .missingGauge: 4,
      ])
  }

  struct Replay {
    struct Found: CustomStringConvertible {
      var kind: Difference
      var isExplained: Bool
      var description: String
    }

    let golden: GoldenLoadCase
    let tick: GoldenLoadCase.Tick
    let sawMissingGauge: Bool
    let result: Result<Decision, PlanningError>

    init(
      golden: GoldenLoadCase, tick: GoldenLoadCase.Tick, index: Int, sawMissingGauge: Bool,
      state: inout LoadState
    ) {
      self.sawMissingGauge = sawMissingGauge
      self.golden = golden
      self.tick = tick
      let samples = tick.samples(startingAt: Double(index) * 5)
      let policy = golden.policy
      if let load = policy.load {
        // The original learns only from the newest sample; so does this replay.
        state.learn(
          from: golden.mode == .agg ? samples : samples.suffix(1), mode: golden.mode, policy: load)
      }
      let bounds = golden.throughput_lower_bound
      let input = DecisionInput(
        time: Double(index) * 5 + 1, policy: policy,
        deployment: DeploymentPosition(
          counts: Dictionary(
            uniqueKeysWithValues: golden.mode.components.map {
              ($0, .init(current: tick.count($0), asked: tick.count($0), ready: tick.count($0)))
            })),
        traffic: policy.throughput == nil
          ? nil : TrafficInput(newest: .unknown(intervalEnd: 0, reason: "none"), forecast: nil),
        workers: WorkerInput(samples: samples, state: state),
        state: DecisionState(
          plan: ThroughputPlan(
            intervalEnd: 0, replicas: [.prefill: bounds[0], .decode: bounds[1]])))
      do throws(PlanningError) {
        result = .success(try Planner.decide(input, profile: nil).decision)
      } catch {
        result = .failure(error)
      }
    }

    func difference(_ component: Component) -> Found? {
      let expected = tick.set_replicas?[component.rawValue] ?? tick.count(component)
      let decision: Decision
      switch result {
      case .success(let made): decision = made
      case .failure(let error):
        return Found(
          kind: .budgetBelowMinimum, isExplained: isBudgetBelowMinimum(error),
          description: "\(error)")
      }
      guard let ours = decision.components[component] else {
        return Found(
          kind: .budgetArithmetic, isExplained: false, description: "\(component) is not decided")
      }
      guard ours.final != expected else { return nil }
      let kind = explanation(ours, expected: expected)
      return Found(
        kind: kind ?? .budgetArithmetic,
        isExplained: kind != nil
          && (ours.reasons.budget != .limited || ours.final == allowed(decision)[component]),
        description:
          "\(component) expected \(expected), decided \(ours.final ?? -1): \(ours.explanation)")
    }

    private func isBudgetBelowMinimum(_ error: PlanningError) -> Bool {
      guard case .budgetBelowMinimum = error else { return false }
      let minimum = golden.config.min_endpoint
      let fewest = golden.mode.components.reduce(into: [:]) { $0[$1] = minimum }
      return golden.config.max_gpu_budget >= 0 && gpus(fewest) > golden.config.max_gpu_budget
    }

    private func gpus(_ counts: [Component: Int]) -> Int {
      (counts[.prefill] ?? 0) * golden.config.prefill_engine_num_gpu
        + (counts[.decode] ?? 0) * golden.config.decode_engine_num_gpu
    }

    /// What "GPU budget" (rules.md) leaves of what load, floor and minimum ask for: found by
    /// counting up, not by the rule's arithmetic.
    private func allowed(_ decision: Decision) -> [Component: Int] {
      let wanted = decision.components.reduce(into: [Component: Int]()) { wanted, entry in
        wanted[entry.key] = unlimited(entry.key, entry.value)
      }
      let minimum = golden.config.min_endpoint
      let budget = golden.config.max_gpu_budget
      func most(_ component: Component, _ others: [Component: Int], _ fits: (Int) -> Bool) -> Int {
        (minimum...max(minimum, wanted[component] ?? 0)).last { count in
          gpus(others.merging([component: count]) { _, new in new }) <= budget && fits(count)
        } ?? minimum
      }
      if let kept = keptBesideGrowth(decision, wanted) {
        let other: Component = kept == .prefill ? .decode : .prefill
        let beside = [kept: wanted[kept] ?? 0]
        let unchanged = min(wanted[other] ?? 0, tick.count(other))
        return [kept: wanted[kept] ?? 0, other: max(unchanged, most(other, beside) { _ in true })]
      }
      guard let prefill = wanted[.prefill], wanted[.decode] != nil else {
        return wanted.reduce(into: [:]) { $0[$1.key] = most($1.key, [:]) { _ in true } }
      }
      let share = most(.prefill, [.decode: minimum]) { $0 * gpus(wanted) <= prefill * budget }
      let decode = most(.decode, [.prefill: share]) { _ in true }
      let shared: [Component: Int] = [
        .decode: decode, .prefill: most(.prefill, [.decode: decode]) { _ in true },
      ]
      let present = present(wanted)
      guard gpus(present) <= budget,
        let squeezed = shared.first(where: { $0.value < present[$0.key] ?? 0 })?.key
      else { return shared }
      let kept = [squeezed: present[squeezed] ?? 0]
      let other: Component = squeezed == .prefill ? .decode : .prefill
      return kept.merging([other: most(other, kept) { _ in true }]) { $1 }
    }

    /// The one component that may not shrink to let the other grow; nil when neither or both may
    /// not. That is one that is held, and one whose workers are not all seen, unless what there is
    /// exceeds the budget already.
    private func keptBesideGrowth(_ decision: Decision, _ wanted: [Component: Int]) -> Component? {
      let fits = gpus(present(wanted)) <= golden.config.max_gpu_budget
      let kept = decision.components.filter { component, ours in
        let isHalfSeen = [.workerCountMismatch, .noWorkers].contains(ours.reasons.load)
        return wanted[component] == tick.count(component)
          && (isHalfSeen ? fits : ours.isHeld)
      }
      return kept.count == 1 ? kept.keys.first : nil
    }

    /// What of `wanted` is there already.
    private func present(_ wanted: [Component: Int]) -> [Component: Int] {
      wanted.reduce(into: [:]) { $0[$1.key] = min($1.value, tick.count($1.key)) }
    }

    /// What is asked for before the budget is looked at.
    private func unlimited(_ component: Component, _ ours: ComponentDecision) -> Int {
      let step =
        switch ours.verdict?.direction {
        case .up: 1
        case .down: -1
        case .some(.none), nil: 0
        }
      let floor =
        golden.config.enable_throughput_scaling
        ? golden.throughput_lower_bound[component == .prefill ? 0 : 1] : 0
      return max(tick.count(component) + step, floor, golden.config.min_endpoint)
    }

    private func explanation(_ ours: ComponentDecision, expected: Int) -> Difference? {
      let sides = ours.verdict?.sides ?? []
      if tick.sample_buffer.isEmpty { return .decidedOnOldSamples }
      if ours.reasons.load == .overload { return .overload }
      if tick.decisions.isEmpty, ours.verdict?.direction == .up { return .workerCountMismatch }
      if tick.decisions.isEmpty, golden.mode == .disagg, ours.verdict?.direction == .down {
        return .workerCountMismatch
      }
      if sides.contains(where: \.hasInsignificantSlope) { return .insignificantSlope }
      if sides.contains(where: \.agreesWithDown) { return .coldSide }
      if sawMissingGauge, ours.verdict?.direction == .up { return .missingGauge }
      if case .success(let decision) = result, tick.set_replicas != nil,
        decision.components.values.contains(where: { $0.reasons.budget == .limited })
      {
        return .budgetArithmetic
      }
      if ours.reasons.budget == .limited, ours.verdict?.direction == LoadDirection.none {
        return .limitsAlwaysHold
      }
      let limits = [ours.current ?? 0, golden.config.min_endpoint, ours.floor ?? 0]
      if ours.verdict?.direction == LoadDirection.none, ours.final == limits.max() {
        return .limitsAlwaysHold
      }
      return nil
    }
  }
}

extension LoadSide {
  fileprivate var hasInsignificantSlope: Bool {
    switch bound {
    case .largestWithinTarget, .unusable: true
    case .line, .insufficient: false
    }
  }
}
