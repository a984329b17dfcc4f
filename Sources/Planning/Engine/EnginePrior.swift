import EngineProfiles

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// What is believed of an engine before it was watched.
public struct EnginePrior: Codable, Sendable, Equatable {
  /// What it is called: one of ``shipped``, or `profile`.
  public var name: String
  /// The most likely parameters.
  public var parameters: EngineParameters
  /// Tokens that a replica's KV cache holds.
  public var maximumKVTokens: Double
  /// Standard deviation of the logarithm of a factor that all parameters share: how fast the engine is
  /// at all.
  public var commonDeviation: Double
  /// Standard deviation of each parameter's own logarithm beside that.
  public var ownDeviation: Double

  /// Creates a prior.
  public init(
    name: String, parameters: EngineParameters, maximumKVTokens: Double, commonDeviation: Double,
    ownDeviation: Double
  ) {
    self.name = name
    self.parameters = parameters
    self.maximumKVTokens = maximumKVTokens
    self.commonDeviation = commonDeviation
    self.ownDeviation = ownDeviation
  }
}

extension EnginePrior {
  /// A measured engine that ships with the planner.
  public struct Shipped: Sendable {
    /// What `--engine-prior` calls it.
    public var name: String
    /// The model's parameters in billions.
    public var billions: Double
    let parameters: EngineParameters
    let maximumKVTokens: Double
  }

  /// The engines that ship, fitted to their profiles (docs/design/engines.md).
  public static let shipped: [Shipped] = [
    Shipped(
      name: "h200-8b", billions: 8,
      parameters: EngineParameters(
        step: 4.37, perKVToken: 3.12e-5, perSequence: 0.0246, prompt: 18.2, perPromptToken: 0.0142,
        perSquaredPromptToken: 4.84e-7), maximumKVTokens: 945_029),
    Shipped(
      name: "h100-70b-tp8", billions: 70,
      parameters: EngineParameters(
        step: 9.06, perKVToken: 6e-5, perSequence: 0.0502, prompt: 15.5, perPromptToken: 0.0351,
        perSquaredPromptToken: 3.54e-7), maximumKVTokens: 224_133),
    Shipped(
      name: "h100-70b-tp4", billions: 70,
      parameters: EngineParameters(
        step: 11.1, perKVToken: 1e-4, perSequence: 0.0571, prompt: 18.6, perPromptToken: 0.0485,
        perSquaredPromptToken: 1.14e-6), maximumKVTokens: 224_133),
    Shipped(
      name: "cpu-tiny", billions: 0.01,
      parameters: EngineParameters(
        step: 6.18, perKVToken: 5.18e-4, perSequence: 1.957, prompt: 12.3, perPromptToken: 0.0906,
        perSquaredPromptToken: 6.23e-5), maximumKVTokens: 32768),
  ]

  /// The prior that somebody chose by name: another engine of that kind is within a factor of 2 of it.
  ///
  /// - Returns: nil for a name that no engine has.
  public static func named(_ name: String) -> EnginePrior? {
    shipped.first { $0.name == name }.map {
      EnginePrior(
        name: $0.name, parameters: $0.parameters, maximumKVTokens: $0.maximumKVTokens,
        commonDeviation: 0.7, ownDeviation: 0.5)
    }
  }

  /// The shipped engine whose model is nearest in size, as fast as its size makes it; for a name that
  /// tells no size, the smallest of the GPUs with hardly any belief in it.
  ///
  /// Time for weights and matrices grows with their number: `llama-3.2-3b` counts as 3/8 of the 8B.
  public static func nearest(model: String?) -> EnginePrior {
    guard let model, let size = billions(of: model) else {
      return prior(shipped[0], factor: 1, common: 2, own: 2.5)
    }
    let nearest =
      shipped.dropLast().min {
        log(size / $0.billions).magnitude < log(size / $1.billions).magnitude
      } ?? shipped[0]
    let factor = size / nearest.billions
    let isNear = log(factor).magnitude < log(1.5)
    return prior(nearest, factor: factor, common: isNear ? 0.7 : 1.2, own: isNear ? 0.5 : 0.8)
  }

  /// What a measured profile says, with the error that profiles have in live traffic; nil where it
  /// lacks a part.
  public static func profile(_ profile: EngineProfile) -> EnginePrior? {
    guard let fit = EngineFit(profile, withErrors: false), let surface = profile.decode else {
      return nil
    }
    // A parameter that the fit puts to 0 still has a logarithm.
    let least = [1e-3, 1e-8, 1e-5, 1e-3, 1e-6, 1e-11]
    guard
      let parameters = EngineParameters(values: zip(fit.parameters.values, least).map(max))
    else { return nil }
    return EnginePrior(
      name: "profile", parameters: parameters, maximumKVTokens: surface.maximumKVTokens,
      commonDeviation: 0.25, ownDeviation: 0.2)
  }

  private static func prior(
    _ shipped: Shipped, factor: Double, common: Double, own: Double
  ) -> EnginePrior {
    EnginePrior(
      name: shipped.name, parameters: shipped.parameters.scaled(by: min(max(factor, 0.05), 20)),
      maximumKVTokens: shipped.maximumKVTokens, commonDeviation: common, ownDeviation: own)
  }

  /// The number before a `b` that ends a part of the name, in billions: 8 of `Llama-3.1-8B-Instruct`.
  static func billions(of model: String) -> Double? {
    for part in model.lowercased().split(whereSeparator: { "-_/ :@".contains($0) }) {
      guard part.hasSuffix("b"), let size = Double(part.dropLast()), size > 0, size < 1e5 else {
        continue
      }
      return size
    }
    return nil
  }
}
