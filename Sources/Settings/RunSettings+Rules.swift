import Planning

extension RunSettings {
  /// Checks what must hold between options.
  func check() throws(SettingsError) {
    if let broken = brokenRule { throw .rule(broken) }
    let knowsGPUs =
      self.environment == .virtual
      || self.componentsWithGivenGPUs.isSuperset(of: self.mode.components)
    if knowsGPUs { try checkBudget(gpusPerReplica: self.gpusPerReplica) }
  }

  /// Checks that the budget holds the fewest replicas of each component the mode scales; to be
  /// asked again once the deployment has told its GPUs.
  ///
  /// - Parameter gpusPerReplica: GPUs of one replica; the flags' for a component left out.
  /// - Throws: ``SettingsRule/budgetBelowMinimum(budget:needed:minEndpoint:)``.
  public func checkBudget(gpusPerReplica: [Component: Int]) throws(SettingsError) {
    guard let maxGPUBudget = self.maxGPUBudget else { return }
    let needed = GPUBudget(policy(gpusPerReplica: gpusPerReplica)).minimumGPUs
    guard needed > maxGPUBudget else { return }
    throw .rule(
      .budgetBelowMinimum(budget: maxGPUBudget, needed: needed, minEndpoint: self.minEndpoint))
  }

  private var brokenRule: SettingsRule? {
    if throughput == nil, load == nil { return .noScalingMode }
    if let least = self.minGPUBudget, let most = self.maxGPUBudget, least > most {
      return .budgetsCrossed(least: least, most: most)
    }
    if let broken = brokenTargetRule { return broken }
    if hasCluster, self.deploymentName == nil { return .deploymentMissing }
    if self.environment == .metric, self.ownMetrics.isOff { return .nowhereToPublish }
    return brokenLoadRule ?? brokenRepeatRule ?? brokenRunRule
  }

  private var brokenTargetRule: SettingsRule? {
    guard self.environment == .scale else {
      return self.workloads.names.isEmpty
        ? nil : .incomplete("--worker, --prefill or --decode", needs: ["--environment scale"])
    }
    if self.workloads.isContradictory {
      return .exclusive("--worker", "--prefill or --decode")
    }
    guard let told = self.workloads.mode else { return .targetsMissing }
    return common.contradictedMode.map {
      .modeContradictsTargets(mode: $0.rawValue, targets: told.rawValue)
    }
  }

  private var brokenLoadRule: SettingsRule? {
    guard let load else { return nil }
    // Only a DynamoGraphDeployment tells where it is, and engines' own metrics need none.
    let needsAddress = [.virtual, .scale].contains(self.environment) && self.metrics == .dynamo
    if needsAddress, load.routerMetricsURL == nil { return .routerURLMissing }
    if let throughput, load.intervalSeconds >= Double(throughput.intervalSeconds) {
      return .loadIntervalNotShorter(
        load: load.intervalSeconds, throughput: throughput.intervalSeconds)
    }
    if case .load(let own)? = load.target {
      let components = self.mode.components
      let needs = [
        components.contains(.prefill) && own.prefillUpTokens == nil
          ? "--prefill-scale-up-queue-tokens" : nil,
        components.contains(.decode) && own.decodeUpPercent == nil
          ? "--decode-scale-up-kv-rate" : nil,
      ].compactMap { $0 }
      if let missing = needs.first {
        return .incomplete("--optimization-target load", needs: [missing])
      }
    }
    if load.minObservations > load.learningWindow {
      return .observationsAboveWindow(
        minimum: load.minObservations, window: load.learningWindow)
    }
    if waitsBetweenSamples, load.metricSamples > 1, load.intervalSeconds >= self.deadlineSeconds {
      return .samplesBeyondDeadline(
        interval: load.intervalSeconds, deadline: self.deadlineSeconds)
    }
    return nil
  }

  private var brokenRepeatRule: SettingsRule? {
    guard let repeatSeconds = self.repeatSeconds else {
      return self.givenRoundSeconds == nil
        ? nil : .incomplete("--repeat-every", needs: ["--repeat-for"])
    }
    if repeatSeconds < roundSeconds {
      return .repeatShorterThanRound(seconds: repeatSeconds, round: roundSeconds)
    }
    // Time stands still in the first two, and a recording holds one round.
    if self.now != nil { return .exclusive("--repeat-for", "--now") }
    if self.replayDirectory != nil { return .exclusive("--repeat-for", "--replay") }
    if self.recordDirectory != nil { return .exclusive("--repeat-for", "--record") }
    return nil
  }

  private var brokenRunRule: SettingsRule? {
    if throughput?.enginePrior != nil, case .capacity = sizing {
      return .incomplete("--engine-prior", needs: ["--sizing sla"])
    }
    if self.recordDirectory != nil, self.replayDirectory != nil {
      return .exclusive("--record", "--replay")
    }
    if leaseSeconds <= self.deadlineSeconds {
      return .leaseWithinDeadline(lease: leaseSeconds, deadline: self.deadlineSeconds)
    }
    if !hold.fallback.isEmpty, hold.limitSeconds == 0 {
      return .incomplete("--hold-fallback", needs: ["--hold-limit"])
    }
    return nil
  }
}
