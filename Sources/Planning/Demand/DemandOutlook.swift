/// The work of one component that is planned for, and how that came about.
public struct DemandOutlook: Codable, Sendable, Equatable {
  /// What set the planned work.
  public enum Limit: String, Codable, Sendable {
    /// Nothing but the margin that was learned.
    case margin
    /// The record of a day, or growth as it was seen over such a lead: more than that is not planned
    /// for, whatever margin was learned.
    case record
    /// What came in the last minute: less than that is not planned for.
    case present
  }

  /// Work that is expected when a worker ordered now is ready, tokens a second.
  public var forecast: Double
  /// Work that is planned for, tokens a second.
  public var planned: Double
  /// Share of the requests that the component is to cover.
  public var share: Double
  /// Share of the past ``leads`` whose work was within what was planned for them; nil before any.
  public var covered: Double?
  /// Steps of the past whose plan's outcome is known, at most 180.
  public var leads: Int
  /// Seconds from the newest step to the one that is planned for.
  public var leadSeconds: Int
  /// What set the planned work.
  public var limit: Limit

  /// Planned over expected work.
  public var factor: Double { forecast > 0 ? planned / forecast : 1 }

  /// The plan in words, as it was reached.
  public var phrase: String {
    let times = "\(Phrase.number(factor, digits: 2)) × the forecast"
    let reached =
      covered.map { covered in
        "\(times) covers \(Phrase.number(100 * covered, digits: 0)) % of the past \(leads) leads"
      } ?? "\(times), before any lead is over"
    return switch limit {
    case .margin: reached
    case .record: "\(reached), limited to the record of a day and growth as it was seen"
    case .present: "\(reached), not below what just came"
    }
  }
}
