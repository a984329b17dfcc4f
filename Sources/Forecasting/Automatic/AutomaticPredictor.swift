#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Forecasts by the evidence: asks several models and weights each by how well it did lately.
///
/// Every model forecasts the next interval; when its value comes, each is charged its absolute
/// error. Old errors fade (factor 0.98 an interval, so the last fifty count most). A model's weight
/// is `exp(−0.5 · loss / scale)`, its loss being the faded sum of its errors and the scale the
/// faded mean of the models' median error. A model that is one typical error behind weighs 0.6 as
/// much, one that is ten behind 0.007: on a long series with a clear winner this is the winner
/// alone, on a short or noisy one a mixture, which does better than any of its members.
///
/// The weights minimise the absolute error, so the forecast is that of a *typical* interval; to
/// plan for more than half of them, ask for a quantile.
///
/// Source: N. Cesa-Bianchi, G. Lugosi, *Prediction, Learning, and Games*, §2.2 and §2.11
/// (exponentially weighted forecaster with discounted regret); a model that starts late enters with
/// the mixture's own loss (Y. Freund et al., "Using and combining predictors that specialize",
/// 1997).
public struct AutomaticPredictor: LoadPredictor {
  private static let fading = 0.98
  private static let learningRate = 0.5

  private let settings: PredictorSettings
  private var records: [ExpertRecord]
  private var mixtureLoss = 0.0
  private var scaleSum = 0.0
  private var scaleCount = 0.0
  private var last: Double?
  /// Values seen.
  private var count = 0

  /// Creates a predictor that has seen nothing.
  public init(settings: PredictorSettings) {
    self.settings = settings
    records = Expert.allCases.map { ExpertRecord($0, settings: settings) }
  }

  /// Charges every model its error and lets it learn the value.
  public mutating func observe(_ value: Double, intervalEnd: Int) {
    charge(value)
    last = value
    count += 1
    for index in records.indices {
      records[index].model.observe(value, intervalEnd: intervalEnd)
      let isHeard = count >= records[index].expert.minimumValues(settings)
      let next = isHeard ? records[index].model.forecast(steps: 1).first : nil
      records[index].next = next.map { $0.isFinite ? max(0, $0) : value }
    }
  }

  /// The weighted mean of the models' forecasts; empty before the first value.
  public func forecast(steps: Int) -> [Double] {
    guard let last, steps > 0 else { return [] }
    var sums = [Double](repeating: 0, count: steps)
    var total = 0.0
    for (record, weight) in zip(records, weights) where weight > 0 {
      let forecasts = record.model.forecast(steps: steps)
      // The day's model may know the next interval but not all that follow.
      guard forecasts.count == steps else { continue }
      for step in 0..<steps {
        let forecast = forecasts[step].isFinite ? max(0, forecasts[step]) : last
        sums[step] += weight * forecast
      }
      total += weight
    }
    guard total > 0 else { return [Double](repeating: last, count: steps) }
    return sums.map { $0 / total }
  }

  /// Weight and faded mean absolute error of every model that has a forecast.
  public var summary: ModelSummary {
    let members = zip(records, weights).filter { $0.0.next != nil }.map { record, weight in
      ModelSummary.Member(
        name: record.expert.rawValue, weight: weight,
        mae: scaleCount > 0 ? record.loss.map { $0 / scaleCount } : nil)
    }
    return ModelSummary(members: members)
  }

  private mutating func charge(_ value: Double) {
    let weights = weights
    var errors: [Double] = []
    var mixture = 0.0
    for (record, weight) in zip(records, weights) {
      guard let next = record.next else { continue }
      errors.append(Self.error(next, value))
      mixture += weight * next
    }
    guard !errors.isEmpty else { return }
    mixtureLoss = Self.fading * mixtureLoss + Self.error(mixture, value)
    scaleSum = Self.fading * scaleSum + errors.sorted()[errors.count / 2]
    scaleCount = Self.fading * scaleCount + 1
    for index in records.indices {
      guard let next = records[index].next else { continue }
      records[index].loss =
        records[index].loss.map { Self.fading * $0 + Self.error(next, value) } ?? mixtureLoss
    }
  }

  /// The models' weights, of sum 1; 0 for a model without a forecast.
  private var weights: [Double] {
    let losses = records.map { record in
      record.next == nil ? Double.infinity : record.loss ?? mixtureLoss
    }
    let least = losses.min() ?? .infinity
    guard least.isFinite else { return losses.map { _ in 0 } }
    let scale = scaleCount > 0 ? scaleSum / scaleCount : 0
    let raw = losses.map { loss in
      // Without a scale (no model ever erred) only the faultless ones count.
      loss == least ? 1 : scale > 0 ? exp(-Self.learningRate * (loss - least) / scale) : 0
    }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }

  /// The absolute error, bounded so that sums of it stay finite.
  private static func error(_ forecast: Double, _ value: Double) -> Double {
    min(abs(forecast - value), 1e300)
  }
}

extension AutomaticPredictor {
  private enum CodingKeys: String, CodingKey {
    case settings, experts, models, next, loss, mixtureLoss, scaleSum, scaleCount, last, count
  }

  /// Decodes a predictor; the models' types follow from the experts' names.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    settings = try container.decode(PredictorSettings.self, forKey: .settings)
    mixtureLoss = try container.decode(Double.self, forKey: .mixtureLoss)
    scaleSum = try container.decode(Double.self, forKey: .scaleSum)
    scaleCount = try container.decode(Double.self, forKey: .scaleCount)
    last = try container.decodeIfPresent(Double.self, forKey: .last)
    count = try container.decode(Int.self, forKey: .count)
    let experts = try container.decode([Expert].self, forKey: .experts)
    let next = try container.decode([Double?].self, forKey: .next)
    let loss = try container.decode([Double?].self, forKey: .loss)
    guard next.count == experts.count, loss.count == experts.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .next, in: container, debugDescription: "lists of different lengths")
    }
    var models = try container.nestedUnkeyedContainer(forKey: .models)
    records = []
    for (index, expert) in experts.enumerated() {
      var record = ExpertRecord(expert, settings: settings)
      let type = type(of: record.model)
      record.model = try Self.decode(type, from: &models)
      record.next = next[index]
      record.loss = loss[index]
      records.append(record)
    }
  }

  private static func decode<Model: LoadPredictor>(
    _ type: Model.Type, from container: inout any UnkeyedDecodingContainer
  ) throws -> Model {
    try container.decode(Model.self)
  }

  /// Encodes the predictor with everything its models learned.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(settings, forKey: .settings)
    try container.encode(mixtureLoss, forKey: .mixtureLoss)
    try container.encode(scaleSum, forKey: .scaleSum)
    try container.encode(scaleCount, forKey: .scaleCount)
    try container.encodeIfPresent(last, forKey: .last)
    try container.encode(count, forKey: .count)
    try container.encode(records.map(\.expert), forKey: .experts)
    try container.encode(records.map(\.next), forKey: .next)
    try container.encode(records.map(\.loss), forKey: .loss)
    var models = container.nestedUnkeyedContainer(forKey: .models)
    for record in records { try models.encode(record.model) }
  }
}
