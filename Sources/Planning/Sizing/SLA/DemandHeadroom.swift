import Presentation

/// What is planned for over what is expected, and why.
public struct DemandHeadroom: Codable, Sendable, Equatable {
  /// Work to plan for over the work that is forecast, at least 1.
  public var factor: Double
  /// Share of the requests that it is meant to cover.
  public var share: Double
  /// Past leads, at most 180, that it was compared with; in decisions of older versions intervals.
  public var intervals: Int
  /// The work itself, in tokens a second; nil in decisions of older versions, which planned for a
  /// multiple of the predictors' forecast.
  public var outlook: DemandOutlook?
  /// Mean length of the requests that brought it in the last half minute, in the component's tokens;
  /// nil when unknown.
  public var meanLength: Double?

  /// Creates a headroom over the predictors' forecast.
  public init(factor: Double, share: Double, intervals: Int) {
    self.factor = factor
    self.share = share
    self.intervals = intervals
  }

  /// Creates the headroom of a component's demand.
  init(_ outlook: DemandOutlook, meanLength: Double?) {
    self.init(
      factor: max(1, outlook.factor), share: outlook.share, intervals: outlook.leads)
    self.outlook = outlook
    self.meanLength = meanLength
  }

  /// In words.
  public var phrase: String {
    outlook?.phrase
      ?? "\(Phrase.number(factor, digits: 2)) times what was forecast or has just come, so that no more than \(Numbers.percent(1 - share)) of the requests should come in intervals with more"
  }
}
