import EngineProfiles
import Forecasting
import Foundation
import TestSupport
import Testing

@testable import Planning

@Suite("Engines learned from traffic")
struct EngineLearningTests {
  // MARK: A real engine

  /// The steps of a real vLLM under load.
  static func captured() throws -> [EngineObservation] {
    let text = try String(contentsOf: Fixture.url("engines/vllm0320_steps.csv"), encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { line in
      let values = line.split(separator: ",").map { Double($0) ?? .nan }
      return EngineObservation(
        end: Int(values[0]), promptsPerSecond: values[1], promptTokens: values[2],
        squaredPromptTokens: values[3], sequences: values[4], contextTokens: values[5],
        waiting: values[6], ttft: values[7], itl: values[8], requests: values[9])
    }
  }

  /// Learned from the first nine minutes; median relative errors of the rest.
  static func learned(_ prior: EnginePrior) throws -> (EngineLearning, itl: Double, ttft: Double) {
    let steps = try captured()
    var learning = EngineLearning(prior)
    for step in steps where step.end <= 540 { learning.observe([step], isAggregated: true) }
    let rest = steps.filter { $0.end > 540 }
    let response = EngineResponse(isAggregated: true)
    func median(_ errors: [Double]) -> Double { errors.sorted()[errors.count / 2] }
    let engine = learning.parameters
    return (
      learning,
      median(
        rest.compactMap { step in
          step.itl.map { (response.latencies(engine, step).itl / $0 - 1).magnitude }
        }),
      median(
        rest.compactMap { step in
          step.ttft.map { (response.latencies(engine, step).ttft / $0 - 1).magnitude }
        })
    )
  }

  @Test("of a real vLLM nine minutes tell the latencies of the rest within 12 % in the median")
  func realEngine() throws {
    // An unknown model: the prior is a GPU's, 80 times as fast per sequence.
    for prior in [EnginePrior.nearest(model: nil), try #require(.named("cpu-tiny"))] {
      let (learning, itl, ttft) = try Self.learned(prior)
      #expect(itl <= 0.12, "\(prior.name): ITL \(itl)")
      #expect(ttft <= 0.12, "\(prior.name): TTFT \(ttft)")
      #expect(learning.parameters.step > 0)
    }
  }

  @Test("the measured parameters lie within two and a half stated deviations, cache and batch too")
  func realParameters() throws {
    let measured = [6.1, 0.52e-3, 1.97, 12.3, 0.0906, 6.2e-5]
    let (learning, _, _) = try Self.learned(.nearest(model: nil))
    for (index, value) in measured.enumerated() {
      let distance = log(learning.parameters.values[index] / value) / learning.deviations[index]
      #expect(distance.magnitude <= 2.5, "parameter \(index): \(distance) deviations")
    }
  }

  // MARK: Synthetic engines

  static let truth = EngineParameters(
    step: 9, perKVToken: 8e-5, perSequence: 0.06, prompt: 20, perPromptToken: 0.04,
    perSquaredPromptToken: 1e-6)

  static func load(
    _ index: Int, engine: EngineParameters = truth, isAggregated: Bool = false,
    noise: Double = 0.05
  ) -> EngineObservation {
    var random = SeededRandom(seed: UInt64(index + 1))
    let swing = 1 + 0.5 * sin(Double(index) / 8)
    func shaken(_ value: Double) -> Double {
      value * (1 + noise * (2 * Double.random(in: 0..<1, using: &random) - 1))
    }
    var load = EngineObservation(
      end: index * 60, promptsPerSecond: 4 * swing, promptTokens: shaken(1500),
      squaredPromptTokens: 4.5e6, sequences: 40 * swing, contextTokens: shaken(1600), ttft: 1,
      itl: 1, requests: 200)
    let latencies = EngineResponse(isAggregated: isAggregated).latencies(engine, load)
    load.ttft = shaken(latencies.ttft)
    load.itl = shaken(latencies.itl)
    return load
  }

  static func learned(_ count: Int, from factor: Double) throws -> EngineLearning {
    var prior = EnginePrior.nearest(model: "llama-70b")
    prior.parameters = truth.scaled(by: factor)
    var learning = EngineLearning(prior)
    for index in 0..<count { learning.observe([load(index)], isAggregated: false) }
    return learning
  }

  @Test(
    "half an hour forgets a prior that is twice off, at loads that were not seen",
    arguments: [0.5, 1, 2])
  func priorsOff(factor: Double) throws {
    let learning = try Self.learned(30, from: factor)
    let response = EngineResponse(isAggregated: false)
    for scale in [0.4, 1, 1.3] {
      var load = Self.load(3)
      load.sequences *= scale
      let found = response.latencies(learning.parameters, load)
      let true_ = response.latencies(Self.truth, load)
      #expect((found.itl / true_.itl - 1).magnitude < 0.1, "ITL at \(scale)")
      #expect((found.ttft / true_.ttft - 1).magnitude < 0.1, "TTFT at \(scale)")
    }
  }

  @Test("certainty grows with what is seen, and is least where nothing was")
  func uncertainty() throws {
    let few = try Self.learned(1, from: 2)
    let many = try Self.learned(40, from: 2)
    let load = Self.load(3)
    for component in Component.allCases {
      let before = few.deviation(of: component, at: load, isAggregated: false)
      let after = many.deviation(of: component, at: load, isAggregated: false)
      #expect(after < before)
      #expect(after < 0.1)
    }
    var far = load
    far.sequences *= 20
    #expect(
      many.deviation(of: .decode, at: far, isAggregated: false)
        > many.deviation(of: .decode, at: load, isAggregated: false))
  }

  @Test("one absurd stretch in ten bends nothing")
  func robust() throws {
    var learning = EngineLearning(EnginePrior.nearest(model: "llama-70b"))
    for index in 0..<40 {
      var load = Self.load(index)
      if index % 10 == 9 { (load.itl, load.ttft) = (900, 60_000) }
      learning.observe([load], isAggregated: false)
    }
    let found = EngineResponse(isAggregated: false).latencies(learning.parameters, Self.load(5))
    let expected = EngineResponse(isAggregated: false).latencies(Self.truth, Self.load(5))
    #expect((found.itl / expected.itl - 1).magnitude < 0.1)
    #expect((found.ttft / expected.ttft - 1).magnitude < 0.15)
  }

  @Test("more load never takes less time, whatever is learned")
  func monotone() throws {
    var learning = EngineLearning(EnginePrior.nearest(model: nil))
    for index in 0..<30 {
      // An engine that seems to get faster with its load.
      var load = Self.load(index)
      load.itl = 1000 / (load.sequences + 1)
      learning.observe([load], isAggregated: false)
    }
    #expect(learning.parameters.values.allSatisfy { $0 > 0 && $0.isFinite })
  }

  @Test("the state stays below 20 KB and goes on from where it was")
  func state() throws {
    var learning = try Self.learned(400, from: 1)
    let bytes = try JSONEncoder().encode(learning)
    #expect(bytes.count < 20_000, "\(bytes.count)")
    var again = try JSONDecoder().decode(EngineLearning.self, from: bytes)
    #expect(again == learning)
    learning.observe([Self.load(401)], isAggregated: false)
    again.observe([Self.load(401)], isAggregated: false)
    #expect(again == learning)
  }

  @Test("an engine that is slower than its prior is said, with the time since when")
  func contradiction() throws {
    var prior = EnginePrior.nearest(model: "llama-70b")
    prior.parameters = Self.truth
    var learning = EngineLearning(prior)
    for index in 0..<20 { learning.observe([Self.load(index)], isAggregated: false) }
    #expect(learning.contradictedSince.isEmpty)
    let slow = Self.truth.scaled(by: 1.6)
    for index in 20..<40 {
      learning.observe([Self.load(index, engine: slow)], isAggregated: false)
    }
    #expect(learning.contradictedSince[.decode] != nil)
    let error = try #require(learning.errorOfPrior(.decode, isAggregated: false))
    #expect((1.5...1.7).contains(error))
  }

  @Test("what is not newer, empty or no number teaches nothing")
  func unusable() throws {
    let learned = try Self.learned(5, from: 1)
    var learning = learned
    var broken = Self.load(9)
    broken.itl = .nan
    learning.observe([Self.load(4), broken], isAggregated: false)
    var few = Self.load(10)
    few.requests = 2
    learning.observe([few], isAggregated: false)
    #expect(learning == learned)
  }

  // MARK: Priors

  @Test(
    "the prior is the engine whose model is nearest in size, as fast as its size makes it",
    arguments: [
      ("meta-llama/Llama-3.1-8B-Instruct", "h200-8b", 1.0),
      ("qwen2.5-32b", "h100-70b-tp8", 32.0 / 70),
      ("llama-3.2-3b", "h200-8b", 3.0 / 8), ("gpt-x", "h200-8b", 1.0),
    ])
  func nearest(model: String, name: String, factor: Double) {
    let prior = EnginePrior.nearest(model: model)
    #expect(prior.name == name)
    let shipped = EnginePrior.shipped.first { $0.name == name }?.parameters.step ?? 0
    #expect((prior.parameters.step - shipped * factor).magnitude < 1e-9)
  }

  @Test("shipped priors are the fits of the measured profiles, within 2 %")
  func shipped() throws {
    let folders = [
      "h200-8b": "h200-llama3.1-8b-tp1", "h100-70b-tp8": "h100-llama3.3-70b-tp8",
      "h100-70b-tp4": "h100-llama3.3-70b-tp4", "cpu-tiny": "cpu-vllm0320-tiny-llama",
    ]
    for (name, folder) in folders {
      let fit = try #require(EngineFit(try Fixture.profile(folder), withErrors: false))
      let prior = try #require(EnginePrior.named(name))
      for (shipped, fitted) in zip(prior.parameters.values, fit.parameters.values) {
        #expect((shipped / fitted - 1).magnitude < 0.02, "\(name): \(shipped), \(fitted)")
      }
    }
  }

  // MARK: What a decision makes of it

  static func decision(
    asked: Int, rate: Double, largest: Double, deviation: Double, ttft: Double = 100
  ) throws -> Decision {
    var engine = LearnedEngine(
      EngineLearning(EnginePrior.nearest(model: "llama-8b")), mode: .decode)
    engine.largestLoad = [.decode: largest]
    engine.deviation = [.decode: deviation]
    let policy = PlanningPolicy(
      mode: .decode, targets: LatencyTargets(ttftMilliseconds: 500, itlMilliseconds: 20),
      gpusPerReplica: [.decode: 1],
      throughput: ThroughputPolicy(intervalSeconds: 60, sizing: .sla(SLASizingPolicy())))
    let newest = TrafficObservation(
      intervalEnd: 60, requestCount: rate * 60, isl: 1000, osl: 100, ttftMilliseconds: ttft,
      itlMilliseconds: 8, arrivals: Arrivals(count: rate * 60, basis: .started),
      inFlightRequests: rate, queuedRequests: 0)
    let input = DecisionInput(
      time: 60, policy: policy,
      deployment: DeploymentPosition(
        counts: [.decode: .init(current: asked, asked: asked, ready: asked)]),
      traffic: TrafficInput(
        newest: .known(newest),
        forecast: TrafficForecast(
          predictor: .constant, requestCount: rate * 60, isl: 1000, osl: 100), engine: engine))
    return try Planner.decide(input, profile: nil).decision
  }

  @Test("without a profile the learned engine decides, and the decision says so")
  func decides() throws {
    let made = try Self.decision(asked: 1, rate: 200, largest: 1e6, deviation: 0.1)
    #expect((made.components[.decode]?.final ?? 0) > 1)
    #expect(made.warnings.contains { $0.contains("no profile") && $0.contains("h200-8b") })
  }

  @Test("nothing shrinks to more load per replica than 1.3 times what was seen")
  func noExtrapolation() throws {
    // 2000 output tokens/s on 10 replicas, never more than 250 on one: 325 are thought of, so 7.
    let made = try Self.decision(asked: 10, rate: 20, largest: 250, deviation: 0.05)
    #expect(made.components[.decode]?.final == 7)
    #expect(made.components[.decode]?.trail?.contains { $0.reason == .unseenLoad } == true)
    let seen = try Self.decision(asked: 10, rate: 20, largest: 2500, deviation: 0.05)
    #expect((seen.components[.decode]?.final ?? 10) < 7)
  }

  @Test(
    "an uncertain model orders nothing while no target is missed, and what is needed when one is")
  func noUnfoundedGrowth() throws {
    let calm = try Self.decision(asked: 1, rate: 200, largest: 1e6, deviation: 0.8)
    #expect(calm.components[.decode]?.final == 1)
    #expect(calm.components[.decode]?.trail?.contains { $0.reason == .uncertainEngine } == true)
    let missed = try Self.decision(asked: 1, rate: 200, largest: 1e6, deviation: 0.8, ttft: 900)
    #expect((missed.components[.decode]?.final ?? 0) > 1)
  }

  @Test("uncertainty widens the headroom")
  func headroom() throws {
    let sure = try Self.decision(asked: 1, rate: 400, largest: 1e6, deviation: 0.02)
    let unsure = try Self.decision(asked: 1, rate: 400, largest: 1e6, deviation: 0.3)
    #expect((unsure.components[.decode]?.final ?? 0) > (sure.components[.decode]?.final ?? 0))
  }
}
